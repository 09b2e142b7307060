// What a client that the tests drive has to do with its standard input and output.
//
//   stdin   {"id": 1, "verb": "say", "room": "!…", "body": "…"}      one command a line
//   stdout  {"id": 1, "result": …} or {"id": 1, "error": "…"}        its answer
//           {"news": "event" | "state" | "membership" | "withheld" | "withholding", …}
//
// Import it first: stdout is for these lines alone, whatever the libraries log goes to stderr.

import readline from "node:readline";

for (const level of ["log", "info", "debug"]) console[level] = console.error;

export function tell(line) {
    process.stdout.write(JSON.stringify(line) + "\n");
}

// Keys that this client withholds: the messages of a request to send m.room_key.withheld.
export function tellWithholding(messages) {
    for (const [user, devices] of Object.entries(messages)) {
        for (const [device, content] of Object.entries(devices)) {
            tell({ news: "withholding", user, device, content });
        }
    }
}

// Keys that others withhold from it: among the to-device events of a sync.
export function tellWithheld(events) {
    for (const { type, sender, content } of events) {
        if (type.endsWith("room_key.withheld")) tell({ news: "withheld", sender, content });
    }
}

async function obey(verbs, line) {
    const { id, verb, ...rest } = JSON.parse(line);
    try {
        tell({ id, result: (await verbs[verb](rest)) ?? null });
    } catch (error) {
        tell({ id, error: String(error?.stack ?? error) });
    }
}

// Obeys every command until stdin ends; then atEnd() is called, and the client is gone.
export function serve(verbs, atEnd) {
    const commands = readline.createInterface({ input: process.stdin });
    commands.on("line", (line) => void obey(verbs, line));
    commands.on("close", () => {
        atEnd();
        process.exit(0);
    });
}
