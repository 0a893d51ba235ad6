// An edge node by npm's sparkplug-client, told what to say by lines of JSON.
// node edge.js URL GROUP NODE
const [url, group, name, user, password] = process.argv.slice(2);
const tell = (line) => process.stdout.write(JSON.stringify(line) + "\n");
let births = 0;
let held = JSON.parse(process.env.HELD || '{"node": [], "devices": {}}');
const now = (metrics) => metrics.map((m) => ({ timestamp: Date.now(), ...m }));

const client = require("sparkplug-client").newClient({
  serverUrl: url,
  username: user || "",
  password: password || "",
  groupId: group,
  edgeNode: name,
  clientId: `${group} ${name}`,
  publishDeath: true,
  mqttOptions: { reconnectPeriod: 200 },
});

function birth() {
  const control = { name: "Node Control/Rebirth", type: "Boolean", value: false };
  const at = Date.now();
  client.publishNodeBirth({ timestamp: at, metrics: [control, ...now(held.node)] });
  for (const [device, metrics] of Object.entries(held.devices))
    client.publishDeviceBirth(device, { timestamp: at, metrics: now(metrics) });
  births += 1;
  tell({ event: "birth", births });
}

client.on("birth", birth);
client.on("ncmd", (payload) => {
  tell({ event: "ncmd", metrics: payload.metrics.map((m) => m.name) });
  if (payload.metrics.some((m) => m.name === "Node Control/Rebirth" && m.value)) birth();
});
client.on("error", (error) => tell({ event: "error", text: String(error) }));
client.on("close", () => tell({ event: "close" }));

require("readline").createInterface({ input: process.stdin }).on("line", (text) => {
  const told = JSON.parse(text);
  if (told.do === "hold") held = told.held;
  else if (told.do === "birth") {
    if (client.connected) birth();
  }
  else if (told.do === "data") {
    const payload = { timestamp: told.at || Date.now(), metrics: now(told.metrics) };
    const options = told.compress ? { compress: true, algorithm: told.compress } : undefined;
    if (told.device) client.publishDeviceData(told.device, payload, options);
    else client.publishNodeData(payload, options);
  } else if (told.do === "death") client.publishDeviceDeath(told.device, { timestamp: Date.now(), metrics: [] });
  else if (told.do === "lose") client.incrementSeqNum();
  else if (told.do === "raw") client.client.publish(told.topic, Buffer.from(told.hex, "hex"));
  else if (told.do === "off")
    setInterval(() => client.publishNodeData({ timestamp: Date.now() + told.seconds * 1000, metrics: [] }), 50);
  else if (told.do === "stop") client.stop();
  tell({ event: "done", do: told.do });
});
