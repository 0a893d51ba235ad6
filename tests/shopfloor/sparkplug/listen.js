// What npm's sparkplug-payload reads of the messages of a broker, as lines of JSON; and a host that can ask for rebirth.
// node listen.js URL
const mqtt = require("mqtt");
const payloads = require("sparkplug-payload").get("spBv1.0");
const tell = (line) =>
  process.stdout.write(JSON.stringify(line, (key, value) => (value && value.low !== undefined && value.toString ? value.toString() : value)) + "\n");
const client = mqtt.connect(process.argv[2], { clean: true, connectTimeout: 10000 });

client.on("connect", () => client.subscribe("#", { qos: 1 }, () => tell({ event: "listening" })));
client.on("message", (topic, payload, packet) => {
  if (topic.includes("/STATE/")) tell({ event: "state", topic, payload: payload.toString(), retain: packet.retain, qos: packet.qos });
  else {
    try {
      tell({ event: "message", topic, payload: payloads.decodePayload(payload), qos: packet.qos, retain: packet.retain });
    } catch (error) {
      tell({ event: "broken", topic, text: String(error) });
    }
  }
});
require("readline").createInterface({ input: process.stdin }).on("line", (text) => {
  const told = JSON.parse(text);
  if (told.do === "state") client.publish(`spBv1.0/STATE/${told.host}`, JSON.stringify({ online: told.online, timestamp: told.timestamp }), { qos: 1, retain: true });
  else if (told.do === "rebirth")
    client.publish(told.topic, Buffer.from(payloads.encodePayload({ timestamp: Date.now(), metrics: [{ name: "Node Control/Rebirth", type: "Boolean", value: true }] })));
  tell({ event: "done", do: told.do });
});
