// A strict Matrix client on matrix-js-sdk, the engine of Element on the web; lines.mjs has its commands.
//
// Strict: the client is cross-signed, gives keys only to devices their owner has signed, and
// reads nothing from other devices (OnlySignedDevicesIsolationMode). It tells of every event
// it gets, again whenever it comes to know more of it: readable or not, and with which shield.
// Keys that others withhold from it, and that it withholds from others, are taken from the
// wire. Keys live in memory: a client that ends does not come back.

import { serve, tell, tellWithheld, tellWithholding } from "./lines.mjs";

const sdk = await import("matrix-js-sdk");
const { EventShieldColour, EventShieldReason, OnlySignedDevicesIsolationMode } = await import(
    "matrix-js-sdk/lib/crypto-api/index.js"
);
const { logger } = await import("matrix-js-sdk/lib/logger.js");
logger.setLevel("warn");

let client;

// ---- what the wire says of withheld keys

const WITHHELD = /\/sendToDevice\/m\.room_key\.withheld\//;

async function observedFetch(resource, options) {
    const url = String(resource);
    if (WITHHELD.test(url)) {
        tellWithholding(JSON.parse(options.body).messages);
    }
    const answer = await fetch(resource, options);
    if (/\/sync\?/.test(url) && answer.ok) {
        const text = await answer.text();
        tellWithheld(JSON.parse(text).to_device?.events ?? []);
        return new Response(text, { status: answer.status, headers: answer.headers });
    }
    return answer;
}

// ---- what the client makes of an event

const nameOf = (names, value) => Object.keys(names).find((name) => names[name] === value) ?? null;

async function shieldOf(event) {
    const info = await client.getCrypto().getEncryptionInfoForEvent(event);
    if (info === null) return null;
    return {
        colour: nameOf(EventShieldColour, info.shieldColour),
        reason: info.shieldReason === null ? null : nameOf(EventShieldReason, info.shieldReason),
    };
}

async function report(event) {
    if (!event.getId() || event.status !== null) return; // an echo of what is being sent
    const relation = event.getWireContent()["m.relates_to"];
    const content = { ...event.getOriginalContent() };
    if (relation && !content["m.relates_to"]) content["m.relates_to"] = relation;
    const encrypted = event.isEncrypted();
    const readable = encrypted && !event.isDecryptionFailure() && event.getClearContent() !== null;
    tell({
        news: "event",
        room_id: event.getRoomId(),
        event: {
            event_id: event.getId(),
            sender: event.getSender(),
            type: encrypted && !readable ? "m.room.encrypted" : event.getType(),
            content,
            unsigned: event.getUnsigned(),
            ...(event.isState() ? { state_key: event.getStateKey() } : {}),
        },
        encrypted,
        readable: !encrypted || readable,
        failure: encrypted && !readable ? event.decryptionFailureReason : null,
        shield: readable ? await shieldOf(event) : null,
    });
}

function listen() {
    client.on(sdk.RoomEvent.Timeline, (event, room, toStart) => {
        if (!toStart) void report(event);
    });
    client.on(sdk.RoomEvent.LocalEchoUpdated, (event) => void report(event));
    client.on(sdk.MatrixEventEvent.Decrypted, (event) => void report(event));
    client.on(sdk.RoomStateEvent.Events, (event) => {
        tell({
            news: "state",
            room_id: event.getRoomId(),
            event: {
                type: event.getType(),
                state_key: event.getStateKey(),
                content: event.getContent(),
            },
        });
    });
    client.on(sdk.RoomEvent.MyMembership, (room, membership) => {
        const inviter = room.getMember(client.getUserId())?.events.member?.getSender() ?? null;
        tell({ news: "membership", room_id: room.roomId, membership, inviter });
    });
}

// ---- the verbs

const verbs = {
    async login({ homeserver, user, password }) {
        const answer = await sdk.createClient({ baseUrl: homeserver }).loginRequest({
            type: "m.login.password",
            identifier: { type: "m.id.user", user },
            password,
        });
        client = sdk.createClient({
            baseUrl: homeserver,
            userId: answer.user_id,
            deviceId: answer.device_id,
            accessToken: answer.access_token,
            fetchFn: observedFetch,
            timelineSupport: true,
        });
        await client.initRustCrypto({ useIndexedDB: false });
        const crypto = client.getCrypto();
        crypto.setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
        await crypto.bootstrapCrossSigning({
            // The homeserver asks for the password only where keys are replaced.
            authUploadDeviceSigningKeys: (upload) =>
                upload(null).catch((refusal) =>
                    upload({
                        type: "m.login.password",
                        identifier: { type: "m.id.user", user: answer.user_id },
                        password,
                        session: refusal.data?.session,
                    }),
                ),
        });
        listen();
        const ready = new Promise((resolve) => {
            client.on(sdk.ClientEvent.Sync, (state) => state === "PREPARED" && resolve());
        });
        await client.startClient({ initialSyncLimit: 200, lazyLoadMembers: false });
        await ready;
        return {
            user_id: answer.user_id,
            device_id: answer.device_id,
            cross_signed: await crypto.isCrossSigningReady(),
        };
    },

    // content comes whole: the caller knows what a text, an edit or a reaction looks like
    send: async ({ room, type, content }) => (await client.sendEvent(room, type, content)).event_id,

    redact: async ({ room, event_id }) => (await client.redactEvent(room, event_id)).event_id,

    join: async ({ room }) => (await client.joinRoom(room)).roomId,

    leave: async ({ room }) => void (await client.leave(room)),

    invite: async ({ room, user }) => void (await client.invite(room, user)),

    create: async ({ request }) => (await client.createRoom(request)).room_id,

    // A shield as of now: it may have gone since the event came, the sender's identity being known.
    async shield({ room, event_id }) {
        const event = client.getRoom(room)?.findEventById(event_id);
        return event ? await shieldOf(event) : null;
    },
};

serve(verbs, () => client?.stopClient());
