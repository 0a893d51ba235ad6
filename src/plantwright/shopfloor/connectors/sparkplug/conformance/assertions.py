"""Which of the 299 numbered assertions are told from a recording, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping

CHECKED = frozenset(
    """
case-sensitivity-metric-names case-sensitivity-sparkplug-ids components-ph-state conformance-primary-host
host-topic-phid-birth-message host-topic-phid-birth-payload host-topic-phid-birth-payload-timestamp
host-topic-phid-birth-qos host-topic-phid-birth-required host-topic-phid-birth-retain
host-topic-phid-birth-sub-required host-topic-phid-birth-topic host-topic-phid-death-payload
host-topic-phid-death-payload-timestamp-connect host-topic-phid-death-payload-timestamp-disconnect-clean
host-topic-phid-death-qos host-topic-phid-death-required host-topic-phid-death-retain
host-topic-phid-death-topic intro-device-id-chars intro-device-id-string intro-edge-node-id-chars
intro-edge-node-id-string intro-edge-node-id-uniqueness intro-group-id-chars intro-group-id-string
intro-sparkplug-host-state message-flow-device-birth-publish-dbirth-match-edge-node-topic
message-flow-device-birth-publish-dbirth-payload message-flow-device-birth-publish-dbirth-payload-seq
message-flow-device-birth-publish-dbirth-qos message-flow-device-birth-publish-dbirth-retained
message-flow-device-birth-publish-dbirth-topic message-flow-device-birth-publish-nbirth-wait
message-flow-device-dcmd-subscribe message-flow-edge-node-birth-publish-connect
message-flow-edge-node-birth-publish-nbirth-payload message-flow-edge-node-birth-publish-nbirth-payload-bdSeq
message-flow-edge-node-birth-publish-nbirth-payload-seq message-flow-edge-node-birth-publish-nbirth-qos
message-flow-edge-node-birth-publish-nbirth-retained message-flow-edge-node-birth-publish-nbirth-topic
message-flow-edge-node-birth-publish-phid-offline message-flow-edge-node-birth-publish-phid-wait
message-flow-edge-node-birth-publish-phid-wait-id message-flow-edge-node-birth-publish-phid-wait-online
message-flow-edge-node-birth-publish-phid-wait-timestamp message-flow-edge-node-birth-publish-will-message
message-flow-edge-node-birth-publish-will-message-payload
message-flow-edge-node-birth-publish-will-message-payload-bdSeq
message-flow-edge-node-birth-publish-will-message-qos message-flow-edge-node-birth-publish-will-message-topic
message-flow-edge-node-birth-publish-will-message-will-retained message-flow-edge-node-ncmd-subscribe
message-flow-hid-sparkplug-state-message-delivered message-flow-phid-sparkplug-clean-session-311
message-flow-phid-sparkplug-clean-session-50 message-flow-phid-sparkplug-state-publish
message-flow-phid-sparkplug-state-publish-payload message-flow-phid-sparkplug-state-publish-payload-timestamp
message-flow-phid-sparkplug-subscription operational-behavior-data-commands-dcmd-metric-name
operational-behavior-data-commands-dcmd-metric-value operational-behavior-data-commands-dcmd-verb
operational-behavior-data-commands-ncmd-metric-name operational-behavior-data-commands-ncmd-metric-value
operational-behavior-data-commands-ncmd-rebirth-name operational-behavior-data-commands-ncmd-rebirth-value
operational-behavior-data-commands-ncmd-rebirth-verb operational-behavior-data-commands-ncmd-verb
operational-behavior-data-commands-rebirth-action-1 operational-behavior-data-commands-rebirth-action-2
operational-behavior-data-commands-rebirth-action-3 operational-behavior-data-commands-rebirth-datatype
operational-behavior-data-commands-rebirth-name operational-behavior-data-commands-rebirth-name-aliases
operational-behavior-data-commands-rebirth-value operational-behavior-data-publish-dbirth
operational-behavior-data-publish-dbirth-change operational-behavior-data-publish-dbirth-order
operational-behavior-data-publish-dbirth-values operational-behavior-data-publish-nbirth
operational-behavior-data-publish-nbirth-change operational-behavior-data-publish-nbirth-order
operational-behavior-data-publish-nbirth-values operational-behavior-edge-node-birth-sequence-wait
operational-behavior-edge-node-intentional-disconnect-ndeath
operational-behavior-edge-node-termination-host-offline
operational-behavior-edge-node-termination-host-offline-timestamp
operational-behavior-host-application-connect-birth
operational-behavior-host-application-connect-birth-payload
operational-behavior-host-application-connect-birth-qos
operational-behavior-host-application-connect-birth-retained
operational-behavior-host-application-connect-birth-topic operational-behavior-host-application-connect-will
operational-behavior-host-application-connect-will-payload
operational-behavior-host-application-connect-will-qos
operational-behavior-host-application-connect-will-retained
operational-behavior-host-application-connect-will-topic operational-behavior-host-application-death-payload
operational-behavior-host-application-death-qos operational-behavior-host-application-death-retained
operational-behavior-host-application-death-topic operational-behavior-host-application-host-id
operational-behavior-host-application-multi-server-timestamp operational-behavior-host-application-termination
operational-behavior-primary-application-state-with-multiple-servers-state
operational-behavior-primary-application-state-with-multiple-servers-state-subs
operational-behavior-primary-application-state-with-multiple-servers-walk payloads-alias-birth-requirement
payloads-alias-data-cmd-requirement payloads-alias-uniqueness payloads-dataset-column-num-headers
payloads-dataset-column-size payloads-dataset-parameter-type-req payloads-dataset-types-num
payloads-dataset-types-value payloads-dbirth-order payloads-dbirth-qos payloads-dbirth-retain
payloads-dbirth-seq payloads-dbirth-seq-inc payloads-dbirth-timestamp payloads-dcmd-qos payloads-dcmd-retain
payloads-dcmd-seq payloads-dcmd-timestamp payloads-ddata-order payloads-ddata-qos payloads-ddata-retain
payloads-ddata-seq payloads-ddata-seq-inc payloads-ddata-timestamp payloads-ddeath-seq payloads-ddeath-seq-inc
payloads-ddeath-seq-number payloads-ddeath-timestamp payloads-metric-datatype-not-req
payloads-metric-datatype-req payloads-metric-datatype-value payloads-metric-propertyvalue-type-req
payloads-metric-propertyvalue-type-value payloads-metric-timestamp-in-UTC payloads-name-birth-data-requirement
payloads-name-requirement payloads-nbirth-bdseq payloads-nbirth-bdseq-repeat
payloads-nbirth-edge-node-descriptor payloads-nbirth-qos payloads-nbirth-rebirth-req payloads-nbirth-retain
payloads-nbirth-seq payloads-nbirth-timestamp payloads-ncmd-qos payloads-ncmd-retain payloads-ncmd-seq
payloads-ncmd-timestamp payloads-ndata-order payloads-ndata-qos payloads-ndata-retain payloads-ndata-seq
payloads-ndata-seq-inc payloads-ndata-timestamp payloads-ndeath-bdseq payloads-ndeath-seq
payloads-ndeath-will-message payloads-ndeath-will-message-publisher
payloads-ndeath-will-message-publisher-disconnect-mqtt311
payloads-ndeath-will-message-publisher-disconnect-mqtt50 payloads-ndeath-will-message-qos
payloads-ndeath-will-message-retain payloads-propertyset-keys-array-size
payloads-propertyset-quality-value-type payloads-propertyset-quality-value-value
payloads-propertyset-values-array-size payloads-sequence-num-always-included
payloads-sequence-num-incrementing payloads-sequence-num-req-nbirth payloads-state-birth
payloads-state-birth-payload payloads-state-subscribe payloads-state-will-message
payloads-state-will-message-payload payloads-state-will-message-qos payloads-state-will-message-retain
payloads-template-dataset-value payloads-template-definition-is-definition
payloads-template-definition-members payloads-template-definition-nbirth
payloads-template-definition-nbirth-only payloads-template-definition-parameters
payloads-template-definition-ref payloads-template-instance-is-definition payloads-template-instance-members
payloads-template-instance-members-birth payloads-template-instance-parameters payloads-template-instance-ref
payloads-template-is-definition payloads-template-is-definition-definition
payloads-template-is-definition-instance payloads-template-parameter-name-required
payloads-template-parameter-type-req payloads-template-parameter-type-value payloads-template-ref-definition
payloads-template-ref-instance payloads-timestamp-in-UTC principles-birth-certificates-order
principles-persistence-clean-session-311 principles-persistence-clean-session-50 principles-rbe-recommended
topic-structure topic-structure-namespace-a topic-structure-namespace-device-id-associated-message-types
topic-structure-namespace-device-id-non-associated-message-types topic-structure-namespace-unique-device-id
topic-structure-namespace-unique-edge-node-descriptor topic-structure-namespace-valid-device-id
topic-structure-namespace-valid-edge-node-id topic-structure-namespace-valid-group-id
topics-dbirth-metric-reqs topics-dbirth-metrics topics-dbirth-mqtt topics-dbirth-seq topics-dbirth-timestamp
topics-dbirth-topic topics-dcmd-mqtt topics-dcmd-payload topics-dcmd-timestamp topics-dcmd-topic
topics-ddata-mqtt topics-ddata-payload topics-ddata-seq-num topics-ddata-timestamp topics-ddata-topic
topics-ddeath-mqtt topics-ddeath-seq-num topics-ddeath-topic topics-nbirth-bdseq-included
topics-nbirth-bdseq-increment topics-nbirth-bdseq-matching topics-nbirth-metric-reqs topics-nbirth-metrics
topics-nbirth-mqtt topics-nbirth-rebirth-metric topics-nbirth-seq-num topics-nbirth-templates
topics-nbirth-timestamp topics-nbirth-topic topics-ncmd-mqtt topics-ncmd-payload topics-ncmd-timestamp
topics-ncmd-topic topics-ndata-mqtt topics-ndata-payload topics-ndata-seq-num topics-ndata-timestamp
topics-ndata-topic topics-ndeath-payload topics-ndeath-seq topics-ndeath-topic
    """.split()
)
"""Their ids, without ``tck-id-``."""

_REASONS = {
    "asks of the broker; what clients send does not show it": """
conformance-mqtt-aware-basic conformance-mqtt-aware-dbirth-mqtt-retain
conformance-mqtt-aware-dbirth-mqtt-topic conformance-mqtt-aware-nbirth-mqtt-retain
conformance-mqtt-aware-nbirth-mqtt-topic conformance-mqtt-aware-ndeath-timestamp conformance-mqtt-aware-store
conformance-mqtt-qos0 conformance-mqtt-qos1 conformance-mqtt-retained conformance-mqtt-will-messages
    """,
    "whether a connection that was lost was meant to end is not in the traffic": """
host-topic-phid-death-payload-timestamp-disconnect-with-no-disconnect-packet
    """,
    "whether a device is lost is not in the traffic": """
operational-behavior-device-ddeath
    """,
    "says what may be, so nothing breaks it": """
operational-behavior-edge-node-intentional-disconnect-packet
operational-behavior-host-application-disconnect-intentional payloads-name-cmd-requirement
payloads-template-definition-parameters-default payloads-template-instance-members-data
topic-structure-namespace-duplicate-device-id-across-edge-node
    """,
    "asks what a host does within itself": """
operational-behavior-edge-node-termination-host-action-ddeath-devices-offline
operational-behavior-edge-node-termination-host-action-ddeath-devices-tags-stale
operational-behavior-edge-node-termination-host-action-ndeath-devices-offline
operational-behavior-edge-node-termination-host-action-ndeath-devices-tags-stale
operational-behavior-edge-node-termination-host-action-ndeath-node-offline
operational-behavior-edge-node-termination-host-action-ndeath-node-tags-stale
operational-behavior-host-reordering-param operational-behavior-host-reordering-rebirth
operational-behavior-host-reordering-start operational-behavior-host-reordering-success
    """,
    "a recording is of one broker": """
operational-behavior-edge-node-termination-host-offline-reconnect
operational-behavior-primary-application-state-with-multiple-servers-single-server
    """,
    "the wire format has no other: what is not of that type is no such field": """
payloads-dataset-types-def payloads-dataset-types-type payloads-metric-datatype-value-type
payloads-metric-propertyvalue-type-type payloads-template-parameter-name-type
payloads-template-parameter-value payloads-template-parameter-value-type payloads-template-version
    """,
}

UNCHECKED: Mapping[str, str] = {name: why for why, names in _REASONS.items() for name in names.split()}
"""The others, with the reason."""
