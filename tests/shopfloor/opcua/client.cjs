// A client of node-opcua: it reads all variables of a server's own namespaces by a subscription, and tells each value by a line of JSON.
"use strict";
const options = JSON.parse(process.argv[2]);
const need = (name) => require(require.resolve(name, { paths: [options.modules] }));
const { OPCUACertificateManager } = need("node-opcua-certificate-manager");
const { OPCUAClient, ClientMonitoredItemGroup, TimestampsToReturn, AttributeIds } = need("node-opcua-client");

async function main() {
  const clientCertificateManager = new OPCUACertificateManager({ rootFolder: options.folder, automaticallyAcceptUnknownCertificate: true });
  const client = OPCUAClient.create({ clientCertificateManager, endpointMustExist: false, connectionStrategy: { maxRetry: 5, initialDelay: 100 } });
  await client.connect(options.url);
  const session = await client.createSession();
  const found = [];
  const walk = async (nodeId, path) => {
    for (const one of (await session.browse(nodeId)).references || []) {
      if (one.nodeId.namespace === 0 || !one.isForward) continue;
      const name = [...path, one.browseName.name];
      if (one.nodeClass === 2) found.push({ nodeId: one.nodeId, path: name });
      await walk(one.nodeId, name);
    }
  };
  await walk("ObjectsFolder", []);
  const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");
  const subscription = await session.createSubscription2({
    requestedPublishingInterval: 50, requestedLifetimeCount: 1000, requestedMaxKeepAliveCount: 20, maxNotificationsPerPublish: 0,
    publishingEnabled: true, priority: 1,
  });
  const items = found.map((one) => ({ nodeId: one.nodeId, attributeId: AttributeIds.Value }));
  const group = ClientMonitoredItemGroup.create(
    subscription, items, { samplingInterval: 0, discardOldest: true, queueSize: 10000 }, TimestampsToReturn.Both,
  );
  group.on("changed", (_, told, at) => {
    const path = found[at].path;
    const value = told.value.value;
    say({
      device: path[1], key: path[2], status: told.statusCode.name,
      value: Array.isArray(value) ? Number((BigInt(value[0]) << 32n) + BigInt(value[1])) : value,
      time: told.sourceTimestamp.getTime(), micro: Math.round((told.sourcePicoseconds || 0) / 1e6),
    });
  });
  group.on("initialized", () => say({ ready: found.length }));
  process.stdin.resume();
  process.stdin.on("end", async () => {
    await client.disconnect();
    process.exit(0);
  });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
