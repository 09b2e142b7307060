// A strict Matrix client on matrix-sdk-crypto, the encryption of Element X; lines.mjs has its commands.
//
//   conversation "encryption"   to-device events, device lists, key counts ──▶ OlmMachine
//   conversation "room-list"    rooms, their state and timeline ──▶ decrypt ──▶ news
//                                       what cannot be read yet waits ◀── a key, a device, an identity
//
// As Element X does it: two simplified sliding syncs (MSC4186) that know nothing of each other, so
// that a message may well be here before its key; keys for devices alone that their owner has
// signed (IdentityBasedStrategy), and nothing read from others (TrustRequirement.CrossSigned); the
// shields of an app in which nobody has verified anybody (not strict). What Element X is beside
// that, its timeline and its screens, is not here. Keys live in memory: a client that ends does
// not come back.

import { serve, tell, tellWithheld, tellWithholding } from "./lines.mjs";

const {
    CollectStrategy,
    DecryptionErrorCode,
    DecryptionSettings,
    DeviceId,
    DeviceLists,
    EncryptionSettings,
    HistoryVisibility,
    OlmMachine,
    RequestType,
    RoomId,
    ShieldColor,
    ShieldStateCode,
    TrustRequirement,
    UserId,
    initAsync,
} = await import("@matrix-org/matrix-sdk-crypto-wasm");

const SYNC = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync";
const PATIENCE_MS = 30_000; // how long the homeserver may wait for news
const PAUSE_MS = 500; // before a homeserver that did not answer is asked again
const EVERYTHING = { ranges: [[0, 99]], timeline_limit: 100, required_state: [["*", "*"]] };

let homeserver, token, me, machine;
let transactions = 0;

const rooms = new Map(); // room id ──▶ { encryption, visibility, members: user ──▶ membership }
const wire = new Map(); // event id ──▶ the encrypted event as it came, and its room
const waiting = new Set(); // ids of those that cannot be read yet

// ---- the homeserver

class Refusal extends Error {
    constructor(status, body) {
        super(`${status} ${body}`);
        this.status = status;
        this.body = body;
    }
}

async function ask(method, path, body) {
    const answer = await fetch(homeserver + path, {
        method,
        headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
        body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Refusal(answer.status, text);
    return text;
}

const asked = async (...request) => JSON.parse(await ask(...request));
const client = (...parts) => `/_matrix/client/v3/${parts.map(encodeURIComponent).join("/")}`;
const nextTransaction = () => `t${(transactions += 1)}`;

// One conversation of sliding sync, for as long as this client is there.
async function follow(conversation, request, take) {
    for (let pos; ; ) {
        try {
            const query = pos === undefined ? "" : `?timeout=${PATIENCE_MS}&pos=${encodeURIComponent(pos)}`;
            const answer = await asked("POST", SYNC + query, { conn_id: conversation, ...request() });
            await take(answer);
            pos = answer.pos;
        } catch (error) {
            console.error(`${conversation}: ${error?.stack ?? error}`);
            if (error instanceof Refusal && error.body.includes("M_UNKNOWN_POS")) pos = undefined;
            await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
    }
}

// ---- what the machine wants said

const PATHS = {
    [RequestType.KeysUpload]: () => ["POST", client("keys", "upload")],
    [RequestType.KeysQuery]: () => ["POST", client("keys", "query")],
    [RequestType.KeysClaim]: () => ["POST", client("keys", "claim")],
    [RequestType.SignatureUpload]: () => ["POST", client("keys", "signatures", "upload")],
    [RequestType.ToDevice]: ({ event_type, txn_id }) => ["PUT", client("sendToDevice", event_type, txn_id)],
};

async function carryOut(request) {
    if (request.type === RequestType.ToDevice && request.event_type.endsWith("room_key.withheld")) {
        tellWithholding(JSON.parse(request.body).messages);
    }
    const { id, type } = request;
    const answer = await ask(...PATHS[type](request), request.body);
    if (id) await machine.markRequestAsSent(id, type, answer);
}

// A request is outgoing until it is marked as sent: two that look at once would both send it.
let turn = Promise.resolve();
function attend() {
    const done = turn.then(async () => {
        for (let requests; (requests = await machine.outgoingRequests()).length > 0; ) {
            for (const request of requests) await carryOut(request);
        }
    });
    turn = done.catch(() => {});
    return done;
}

// ---- what the client makes of an event

const READING = () => new DecryptionSettings(TrustRequirement.CrossSigned);
const loud = (name) => name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();

function shieldOf(info) {
    const { color, code } = info.shieldState(false);
    return { colour: loud(ShieldColor[color]), reason: code === undefined ? null : loud(ShieldStateCode[code]) };
}

function report(room_id, event, more) {
    const { event_id, sender, type, content, unsigned, state_key } = event;
    const shown = { event_id, sender, type, content, unsigned: unsigned ?? {} };
    if (state_key !== undefined) shown.state_key = state_key;
    tell({ news: "event", room_id, event: shown, ...more });
}

async function decrypt(room_id, event) {
    try {
        const decrypted = await machine.decryptRoomEvent(JSON.stringify(event), new RoomId(room_id), READING());
        const clear = JSON.parse(decrypted.event);
        const relation = event.content["m.relates_to"];
        if (relation && !clear.content["m.relates_to"]) clear.content["m.relates_to"] = relation;
        waiting.delete(event.event_id);
        const shield = shieldOf(decrypted);
        report(room_id, clear, { encrypted: true, readable: true, failure: null, shield });
    } catch (error) {
        waiting.add(event.event_id);
        const failure = loud(DecryptionErrorCode[error.code] ?? "UnableToDecrypt");
        report(room_id, event, { encrypted: true, readable: false, failure, shield: null });
    }
}

async function lookAgain() {
    for (const id of [...waiting]) {
        const { room_id, event } = wire.get(id);
        await decrypt(room_id, event);
    }
}

async function take(room_id, event) {
    if (event.type === "m.room.encrypted" && event.content.ciphertext) {
        wire.set(event.event_id, { room_id, event });
        await decrypt(room_id, event);
    } else {
        report(room_id, event, { encrypted: false, readable: true, failure: null, shield: null });
    }
}

// ---- rooms

function learn(room_id, event) {
    const { type, state_key, content, sender } = event;
    if (state_key === undefined) return;
    if (!rooms.has(room_id)) rooms.set(room_id, { encryption: null, visibility: null, members: new Map() });
    const room = rooms.get(room_id);
    tell({ news: "state", room_id, event: { type, state_key, content } });
    if (type === "m.room.encryption") room.encryption = content;
    if (type === "m.room.history_visibility") room.visibility = content.history_visibility;
    if (type === "m.room.member") {
        const before = room.members.get(state_key);
        room.members.set(state_key, content.membership);
        if (state_key === me && content.membership !== before) {
            tell({ news: "membership", room_id, membership: content.membership, inviter: sender });
        }
    }
}

function peopleOf({ visibility, members }) {
    const entitled = visibility === "joined" ? ["join"] : ["join", "invite"];
    return [...members].filter(([, membership]) => entitled.includes(membership)).map(([user]) => user);
}

const ids = (users) => users.map((user) => new UserId(user));

async function takeRooms(answer) {
    for (const [room_id, news] of Object.entries(answer.rooms ?? {})) {
        const { invite_state = [], required_state = [], timeline = [] } = news;
        // An invitation's own membership comes last, when the name of the room is known.
        const known = [...invite_state, ...required_state, ...timeline];
        const own = (event) => event.type === "m.room.member" && event.state_key === me;
        for (const event of known.filter((event) => !own(event))) learn(room_id, event);
        for (const event of known.filter(own)) learn(room_id, event);
        const room = rooms.get(room_id);
        if (room?.encryption) await machine.updateTrackedUsers(ids(peopleOf(room)));
        for (const event of timeline) await take(room_id, event);
    }
    await attend();
    await lookAgain();
}

async function takeKeys({ extensions = {} }) {
    const { to_device = {}, e2ee = {} } = extensions;
    tellWithheld(to_device.events ?? []);
    const { changed = [], left = [] } = e2ee.device_lists ?? {};
    const unused = e2ee.device_unused_fallback_key_types;
    await machine.receiveSyncChangesMsc4186(
        JSON.stringify(to_device.events ?? []),
        new DeviceLists(ids(changed), ids(left)),
        new Map(Object.entries(e2ee.device_one_time_keys_count ?? {})),
        unused && new Set(unused),
        READING(),
    );
    since = to_device.next_batch ?? since;
    await attend();
    await lookAgain();
}
let since;

// ---- sending

async function encrypted(room_id, room, type, content) {
    const users = peopleOf(room);
    await machine.updateTrackedUsers(ids(users));
    await attend();
    const claim = await machine.getMissingSessions(ids(users));
    if (claim) await carryOut(claim);
    const settings = new EncryptionSettings();
    settings.sharingStrategy = CollectStrategy.identityBasedStrategy();
    settings.historyVisibility = room.visibility === "joined" ? HistoryVisibility.Joined : HistoryVisibility.Shared;
    for (const request of await machine.shareRoomKey(new RoomId(room_id), ids(users), settings)) {
        await carryOut(request);
    }
    return await machine.encryptRoomEvent(new RoomId(room_id), type, JSON.stringify(content));
}

// ---- the verbs

async function signIn(password, bootstrap) {
    const { uploadKeysRequest, uploadSigningKeysRequest, uploadSignaturesRequest } = bootstrap;
    if (uploadKeysRequest) await carryOut(uploadKeysRequest);
    const keys = JSON.parse(uploadSigningKeysRequest.body);
    const upload = (auth) => ask("POST", client("keys", "device_signing", "upload"), { ...keys, auth });
    // The homeserver asks for the password only where keys are replaced.
    await upload(undefined).catch((refusal) =>
        upload({
            type: "m.login.password",
            identifier: { type: "m.id.user", user: me },
            password,
            session: JSON.parse(refusal.body).session,
        }),
    );
    await carryOut(uploadSignaturesRequest);
}

const verbs = {
    async login({ homeserver: url, user, password }) {
        homeserver = url;
        const answer = await asked("POST", client("login"), {
            type: "m.login.password",
            identifier: { type: "m.id.user", user },
            password,
        });
        [token, me] = [answer.access_token, answer.user_id];
        await initAsync();
        machine = await OlmMachine.initialize(new UserId(me), new DeviceId(answer.device_id));
        await machine.registerRoomKeyUpdatedCallback(lookAgain);
        await machine.registerDevicesUpdatedCallback(lookAgain);
        await machine.registerUserIdentityUpdatedCallback(lookAgain);
        await attend();
        await signIn(password, await machine.bootstrapCrossSigning(true));
        await machine.updateTrackedUsers(ids([me]));
        await attend();
        const status = await machine.crossSigningStatus();
        const extensions = () => ({ to_device: { enabled: true, since }, e2ee: { enabled: true } });
        void follow("encryption", () => ({ extensions: extensions() }), takeKeys);
        await new Promise((resolve) => {
            const first = (rooms) => takeRooms(rooms).finally(resolve);
            void follow("room-list", () => ({ lists: { all: EVERYTHING } }), first);
        });
        return {
            user_id: me,
            device_id: answer.device_id,
            cross_signed: status.hasMaster && status.hasSelfSigning && status.hasUserSigning,
        };
    },

    // content comes whole: the caller knows what a text, an edit or a reaction looks like
    async send({ room, type, content }) {
        const here = rooms.get(room);
        const secret = Boolean(here?.encryption) && type !== "m.reaction";
        const body = secret ? await encrypted(room, here, type, content) : content;
        const kind = secret ? "m.room.encrypted" : type;
        const path = client("rooms", room, "send", kind, nextTransaction());
        return (await asked("PUT", path, body)).event_id;
    },

    redact: async ({ room, event_id }) =>
        (await asked("PUT", client("rooms", room, "redact", event_id, nextTransaction()), {})).event_id,

    join: async ({ room }) => (await asked("POST", client("join", room), {})).room_id,

    leave: async ({ room }) => void (await ask("POST", client("rooms", room, "leave"), {})),

    invite: async ({ room, user }) =>
        void (await ask("POST", client("rooms", room, "invite"), { user_id: user })),

    create: async ({ request }) => (await asked("POST", client("createRoom"), request)).room_id,

    // A shield as of now: it may have gone since the event came, the sender's identity being known.
    async shield({ room, event_id }) {
        if (!wire.has(event_id)) return null;
        const event = JSON.stringify(wire.get(event_id).event);
        return shieldOf(await machine.getRoomEventEncryptionInfo(event, new RoomId(room)));
    },
};

serve(verbs, () => {});
