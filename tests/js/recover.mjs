// A visitor's client: logs in, is given the recovery key, and tells what it then can read.
//
//   node recover.mjs HOMESERVER USER PASSWORD RECOVERY_KEY ROOM_NAME MESSAGE
//
// On stdout, one JSON object: whether its own device is verified after the recovery, how many
// room keys came out of the backup, every message it reads in that room (null where it cannot),
// and what was answered to MESSAGE, which it sends there.

import "./lines.mjs"; // has what the libraries log go to stderr

const sdk = await import("matrix-js-sdk");
const { decodeRecoveryKey } = await import("matrix-js-sdk/lib/crypto-api/index.js");
const { logger } = await import("matrix-js-sdk/lib/logger.js");
logger.setLevel("warn");

const [homeserver, user, password, recoveryKey, roomName, message] = process.argv.slice(2);

const login = await sdk.createClient({ baseUrl: homeserver }).loginRequest({
    type: "m.login.password",
    identifier: { type: "m.id.user", user },
    password,
});
const client = sdk.createClient({
    baseUrl: homeserver,
    userId: login.user_id,
    deviceId: login.device_id,
    accessToken: login.access_token,
    cryptoCallbacks: {
        getSecretStorageKey: async ({ keys }) => {
            const [id, description] = Object.entries(keys)[0];
            const key = decodeRecoveryKey(recoveryKey);
            if (!(await client.secretStorage.checkKey(key, description))) {
                throw new Error("the recovery key does not fit");
            }
            return [id, key];
        },
    },
});
await client.initRustCrypto({ useIndexedDB: false });
const ready = new Promise((resolve) => {
    client.on(sdk.ClientEvent.Sync, (state) => state === "PREPARED" && resolve());
});
await client.startClient({ initialSyncLimit: 200, lazyLoadMembers: false });
await ready;

const crypto = client.getCrypto();
await crypto.userHasCrossSigningKeys(login.user_id, true); // learns who we are
await crypto.bootstrapCrossSigning({}); // finds the keys in the secret storage
await crypto.loadSessionBackupPrivateKeyFromSecretStorage();
await crypto.checkKeyBackupAndEnable();
const { imported } = await crypto.restoreKeyBackup();
const status = await crypto.getDeviceVerificationStatus(login.user_id, login.device_id);

const room = client.getRooms().find((candidate) => candidate.name === roomName);
const messages = [];
const before = new Set();
for (const event of room.getLiveTimeline().getEvents()) {
    before.add(event.getId());
    if (!event.isEncrypted()) continue;
    await client.decryptEventIfNeeded(event);
    messages.push(event.isDecryptionFailure() ? null : event.getContent().body);
}

const answered = new Promise((resolve) => {
    const look = (event) => {
        const fresh = event.getRoomId() === room.roomId && !before.has(event.getId());
        if (fresh && event.getSender() !== login.user_id && !event.isDecryptionFailure()) {
            resolve(event.getContent().body);
        }
    };
    client.on(sdk.MatrixEventEvent.Decrypted, look);
});
await client.sendTextMessage(room.roomId, message);
const answer = await answered;

process.stdout.write(
    JSON.stringify({ verified: status.isVerified(), imported, messages, answer }) + "\n",
);
process.exit(0);
