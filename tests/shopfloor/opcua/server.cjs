// An OPC UA server of node-opcua with one machine. Lines of JSON on standard input tell it what to say; it answers each with a line.
"use strict";
const options = JSON.parse(process.argv[2]);

let off = 0; // milliseconds that its clock is off
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length) super(...given);
    else super(RealDate.now() + off);
  }
  static now() {
    return RealDate.now() + off;
  }
};

const path = require("node:path");
const readline = require("node:readline");
const need = (name) => require(require.resolve(name, { paths: [options.modules] }));
const { OPCUAServer } = need("node-opcua-server");
const { Variant, DataType, VariantArrayType } = need("node-opcua-variant");
const { OPCUACertificateManager } = need("node-opcua-certificate-manager");
const { StatusCodes } = need("node-opcua-status-code");
const { coerceLocalizedText } = need("node-opcua-data-model");
const { standardUnits } = need("node-opcua-data-access");

const variables = {};

function told(kind, value) {
  if (kind === "LocalizedText") return { dataType: DataType.LocalizedText, value: coerceLocalizedText(value) };
  if (Array.isArray(value) && kind === "Double")
    return { dataType: DataType.Double, arrayType: VariantArrayType.Array, value: Float64Array.from(value) };
  if (kind === "Double" && typeof value === "string") return { dataType: DataType.Double, value: Number(value) };
  return { dataType: DataType[kind], value };
}

function build(server) {
  const space = server.engine.addressSpace;
  const own = space.getOwnNamespace();
  const line = own.addFolder("ObjectsFolder", { browseName: "Line 1", nodeId: "s=line" });
  const mill = own.addObject({ organizedBy: line, browseName: "mill 1", nodeId: "s=mill" });
  const add = (parent, name, kind, value, more = {}) => {
    const nodeId = `s=${parent.nodeId.value}/${name}`;
    const node = own.addVariable({
      componentOf: parent, browseName: name, nodeId, dataType: more.type || DataType[kind], minimumSamplingInterval: 0,
      valueRank: Array.isArray(value) ? 1 : -1, value: told(kind, value),
    });
    variables[name] = node;
    return node;
  };
  const spindle = own.addObject({ componentOf: mill, browseName: "Spindle", nodeId: "s=spindle" });
  variables.load = own.addAnalogDataItem({
    componentOf: spindle, browseName: "load", nodeId: "s=load", dataType: "Double", minimumSamplingInterval: 0,
    engineeringUnitsRange: { low: 0, high: 1e9 }, engineeringUnits: standardUnits.watt, value: told("Double", 0.5),
  });
  add(mill, "Execution", "String", "READY");
  add(mill, "PartCount", "UInt32", 0);
  add(mill, "door", "Boolean", true);
  add(mill, "StateCurrent", "Int32", 4);
  add(mill, "notice", "LocalizedText", "nothing");
  add(mill, "axes", "Double", [1.5, 2.5]);
  add(mill, "any", "Double", 7, { type: "BaseDataType" });
  const mode = own.addEnumerationType({ browseName: "Mode", enumeration: ["AUTOMATIC", "MANUAL"] });
  add(mill, "mode", "Int32", 0, { type: mode });
  const program = own.addObject({ componentOf: mill, browseName: "ActiveProgram", nodeId: "s=program" });
  const state = own.addObject({ componentOf: program, browseName: "State", nodeId: "s=state" });
  add(program, "Name", "String", "O1234");
  add(state, "CurrentState", "LocalizedText", "Running");
  const range = space.constructExtensionObject(space.findDataType("Range"), { low: 1, high: 2 });
  variables.range = own.addVariable({
    componentOf: mill, browseName: "range", nodeId: "s=range", dataType: "Range", value: { dataType: DataType.ExtensionObject, value: range },
  });
  for (let at = 0; at < (options.crowd || 0); at++)
    own.addVariable({ organizedBy: line, browseName: `v${at}`, nodeId: `i=${10000 + at}`, dataType: "Double", value: told("Double", at) });
}

const commands = {
  set({ name, kind = "Double", value, status = "Good", at }) {
    const when = at === undefined ? new Date() : new Date(at);
    variables[name].setValueFromSource(new Variant(told(kind, value)), StatusCodes[status], when);
  },
  count({ name, from, to, each }) { // one number after the other, each some milliseconds after the last
    let next = from;
    const timer = setInterval(() => {
      variables[name].setValueFromSource(new Variant(told("Double", next)), StatusCodes.Good, new Date());
      if (next++ >= to) clearInterval(timer);
    }, each);
  },
  flood({ name, from, to }) { // all at once, each a millisecond after the last by its time
    const start = Date.now();
    for (let next = from; next <= to; next++)
      variables[name].setValueFromSource(new Variant(told("Double", next)), StatusCodes.Good, new Date(start + next - from));
  },
  huge({ name, size }) {
    variables[name].setValueFromSource(new Variant(told("String", "x".repeat(size))), StatusCodes.Good, new Date());
  },
  off({ seconds }) {
    off = seconds * 1000;
  },
  forget() { // drops all sessions with their subscriptions
    const engine = server.engine;
    for (const session of Object.values(engine._sessions)) engine.closeSession(session.authenticationToken, true, "Terminated");
  },
  state() { // who is connected, and how
    const modes = ["Invalid", "None", "Sign", "SignAndEncrypt"];
    const users = { AnonymousIdentityToken: "nobody", UserNameIdentityToken: "password", X509IdentityToken: "certificate" };
    const sessions = Object.values(server.engine._sessions).filter((one) => one.channel).map((one) => ({
      policy: one.channel.securityPolicy, mode: modes[one.channel.securityMode],
      user: users[one.userIdentityToken?.constructor.name] || "nobody",
    }));
    return { sessions, subscriptions: server.engine.currentSubscriptionCount };
  },
};

let server;
async function main() {
  const manager = async (name) => {
    const made = new OPCUACertificateManager({
      rootFolder: path.join(options.folder, name), automaticallyAcceptUnknownCertificate: options.strict !== true,
    });
    await made.initialize();
    return made;
  };
  server = new OPCUAServer({
    port: options.port || 0,
    hostname: "127.0.0.1",
    serverCertificateManager: await manager("server"),
    userCertificateManager: await manager("users"),
    allowAnonymous: options.anonymous !== false,
    userManager: { isValidUser: (user, password) => user === "collector" && password === "very secret 42" },
    serverCapabilities: { minSupportedSampleRate: 0 }, // each change is told, however soon after another
    serverInfo: { applicationName: { text: "A mill" } },
    ...(options.more || {}),
  });
  await server.initialize();
  build(server);
  await server.start();
  const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");
  say({ port: server.endpoints[0].port, certificate: server.getCertificate().toString("base64") });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { does, ...more } = JSON.parse(line);
    try {
      say(commands[does](more) || {});
    } catch (error) {
      say({ error: String(error.stack) });
    }
  }
  await server.shutdown(0);
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
