// Makes the replica set of one member, once. Run by mongosh: `mongosh --host mongo /etc/caudal/initiate.js`.
/* global db, sleep */
const ALREADY_INITIALIZED = 23;
const WAIT_MS = 60000;

try {
  db.adminCommand({ replSetInitiate: { _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] } });
} catch (error) {
  if (error.code !== ALREADY_INITIALIZED) throw error;
}

const deadline = Date.now() + WAIT_MS;
while (!db.adminCommand({ hello: 1 }).isWritablePrimary) {
  if (Date.now() > deadline) throw new Error("no primary within a minute");
  sleep(200);
}
