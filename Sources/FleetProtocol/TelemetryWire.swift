import Coordination
import SwiftProtobuf

/// What processes publish about themselves, on `telemetry` sockets.
package enum TelemetryWire {
    /// The first frame of every health record.
    package static let healthTopic: [UInt8] = Array("health".utf8)

    /// The bytes of a health record; `healthTopic` goes before them in a frame of its own.
    package static func bytes(_ record: HealthRecord) -> [UInt8] { Opening.bytes(.health(WireHealthRecord(record))) }

    /// Reads a health record from hostile bytes.
    package static func health(_ bytes: [UInt8]?) throws(ProtocolError) -> HealthRecord {
        let envelope = try Opening.open(bytes, limit: ProtocolLimits.telemetryFrameBytes)
        guard case .health(let wire) = envelope.body else { throw envelope.unexpected("among the telemetry") }
        return try wire.read()
    }
}

extension WireHealthRecord {
    fileprivate init(_ record: HealthRecord) {
        self.init()
        role = record.role.wire()
        name = Values.cutName(record.name)
        session = WireId128(record.session.rawValue)
        processID = record.processID
        sequence = record.sequence
        wallMilliseconds = record.wallMilliseconds
        uptimeMilliseconds = record.uptimeMilliseconds
        cpuNanoseconds = record.cpuNanoseconds
        residentBytes = record.residentBytes
        jobs = record.jobs.map(\.rawValue)
        metrics = record.metrics.map { metric in
            .with {
                $0.name = Values.cutName(metric.name)
                $0.value = metric.value
            }
        }
    }

    fileprivate func read() throws(ProtocolError) -> HealthRecord {
        let metrics = try Values.list(metrics, "metrics", limit: ProtocolLimits.metrics) { (wire) throws(ProtocolError) in
            guard wire.value.isFinite else { throw .invalid(what: "a metric", value: "\(wire.value)") }
            return HealthRecord.Metric(name: try Values.name(wire.name, "a metric's name"), value: wire.value)
        }
        return HealthRecord(
            role: try HealthRecord.Role(wire: role, "a process's role"), name: try Values.name(name, "a process's name"),
            session: session.session, processID: processID, sequence: sequence, wallMilliseconds: wallMilliseconds,
            uptimeMilliseconds: uptimeMilliseconds, cpuNanoseconds: cpuNanoseconds, residentBytes: residentBytes,
            jobs: try Values.list(jobs, "jobs", limit: ProtocolLimits.metrics, Values.job), metrics: metrics)
    }
}
