import { createServer } from "node:net";
import { Aedes } from "aedes";

/** An MQTT 3.1.1 broker in a process of its own, for where Mosquitto is not installed. Argument: the port. */
const broker = await Aedes.createBroker();
createServer((socket) => void broker.handle(socket)).listen(Number(process.argv[2]), "127.0.0.1");
