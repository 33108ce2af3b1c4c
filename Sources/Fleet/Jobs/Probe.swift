internal import Configuration
internal import FleetProtocol

/// What a probe's tasks do: wait.
package struct ProbeConfiguration: Hashable, Sendable {
    /// How long each task waits, in whole milliseconds.
    package var duration: Duration

    /// The longest wait of a task.
    package static let longest = Duration.seconds(600)

    package init(duration: Duration) { self.duration = duration }

    /// Canonical JSON, as a job's specification carries it.
    package var encoded: [UInt8] {
        ConfigValue(.object(["duration_ms": ConfigValue(.number(ConfigNumber(duration.wholeMilliseconds)))])).canonicalBytes
    }

    /// Reads `encoded` from hostile bytes; nil: it is none.
    package init?(decoding bytes: [UInt8]) {
        guard let object = ProbeJSON.object(bytes), object.count == 1, let duration = ProbeJSON.integer(object, "duration_ms"),
            (0...Self.longest.wholeMilliseconds).contains(duration)
        else { return nil }
        self.duration = .milliseconds(duration)
    }

    /// The file of a probe's lines in a folder of a home. It follows from the job's number and submission alone: a job names no path.
    package static func file(of job: Int64, submission: [UInt8], in folder: String) -> String {
        "\(folder)/\(job)-\(Hex.text(Array(submission.prefix(4)))).log"
    }
}

/// The result of one task: where and when it ran. Times are the worker's wall clock in milliseconds since 1970.
package struct ProbeResult: Hashable, Sendable {
    package var unit: UInt64
    package var attempt: Int
    package var token: String
    package var worker: String
    package var processID: Int32
    package var startedAtMilliseconds: Int64
    package var endedAtMilliseconds: Int64

    package init(
        unit: UInt64, attempt: Int, token: String, worker: String, processID: Int32, startedAtMilliseconds: Int64,
        endedAtMilliseconds: Int64
    ) {
        self.unit = unit
        self.attempt = attempt
        self.token = token
        self.worker = worker
        self.processID = processID
        self.startedAtMilliseconds = startedAtMilliseconds
        self.endedAtMilliseconds = endedAtMilliseconds
    }

    /// JSON, as it travels and is stored.
    package var encoded: [UInt8] {
        ProbeJSON.bytes([
            "unit": .integer(Int64(clamping: unit)), "attempt": .integer(Int64(attempt)), "token": .text(token),
            "worker": .text(worker), "pid": .integer(Int64(processID)), "start_ms": .integer(startedAtMilliseconds),
            "end_ms": .integer(endedAtMilliseconds),
        ])
    }

    /// Reads `encoded`; nil: it is none.
    package init?(decoding bytes: [UInt8]) {
        guard let object = ProbeJSON.object(bytes), let run = ProbeJSON.run(object),
            let start = ProbeJSON.integer(object, "start_ms"), let end = ProbeJSON.integer(object, "end_ms")
        else { return nil }
        self.init(
            unit: run.unit, attempt: run.attempt, token: run.token, worker: run.worker, processID: run.processID,
            startedAtMilliseconds: start, endedAtMilliseconds: end)
    }
}

/// One line of a probe's file, written when a task starts and when it ends: so that runs are counted, not believed.
package struct ProbeLine: Hashable, Sendable {
    package enum Event: String, CaseIterable, Sendable {
        case start
        /// It came to its end.
        case end
        /// It was asked to stop before: by a cancel, a halt, a shutdown, or since it was given to another worker.
        case stop
    }

    package var event: Event
    package var unit: UInt64
    package var attempt: Int
    package var token: String
    package var worker: String
    package var processID: Int32
    package var milliseconds: Int64

    package init(
        _ event: Event, unit: UInt64, attempt: Int, token: String, worker: String, processID: Int32, milliseconds: Int64
    ) {
        self.event = event
        self.unit = unit
        self.attempt = attempt
        self.token = token
        self.worker = worker
        self.processID = processID
        self.milliseconds = milliseconds
    }

    /// A JSON object and a line feed.
    package var encoded: [UInt8] {
        ProbeJSON.bytes([
            "event": .text(event.rawValue), "unit": .integer(Int64(clamping: unit)), "attempt": .integer(Int64(attempt)),
            "token": .text(token), "worker": .text(worker), "pid": .integer(Int64(processID)), "ms": .integer(milliseconds),
        ]) + [10]
    }

    /// The lines of a file; what is no such line (a killed machine may leave half a one) is left out.
    package static func lines(_ bytes: [UInt8]) -> [ProbeLine] {
        bytes.split(separator: 10).compactMap { ProbeLine(decoding: Array($0)) }
    }

    private init?(decoding bytes: [UInt8]) {
        guard let object = ProbeJSON.object(bytes), let run = ProbeJSON.run(object),
            let event = object["event"]?.string.flatMap(Event.init(rawValue:)), let time = ProbeJSON.integer(object, "ms")
        else { return nil }
        self.init(
            event, unit: run.unit, attempt: run.attempt, token: run.token, worker: run.worker, processID: run.processID,
            milliseconds: time)
    }
}

/// The JSON of probes.
private enum ProbeJSON {
    enum Member {
        case integer(Int64)
        case text(String)
    }

    struct Run {
        var unit: UInt64
        var attempt: Int
        var token: String
        var worker: String
        var processID: Int32
    }

    static func bytes(_ members: [String: Member]) -> [UInt8] {
        ConfigValue(
            .object(
                members.mapValues { member in
                    switch member {
                    case .integer(let value): ConfigValue(.number(ConfigNumber(value)))
                    case .text(let value): ConfigValue(.string(value))
                    }
                })
        ).canonicalBytes
    }

    static func object(_ bytes: [UInt8]) -> ConfigValue.Object? {
        guard bytes.count <= 4096 else { return nil }
        return (try? JSONReader.read(bytes, origin: .none))?.value.object
    }

    static func integer(_ object: ConfigValue.Object, _ name: String) -> Int64? { object[name]?.number?.integer }

    static func run(_ object: ConfigValue.Object) -> Run? {
        guard let unit = integer(object, "unit").flatMap({ UInt64(exactly: $0) }),
            let attempt = integer(object, "attempt").flatMap({ Int(exactly: $0) }), let token = object["token"]?.string,
            let worker = object["worker"]?.string, let process = integer(object, "pid").flatMap({ Int32(exactly: $0) })
        else { return nil }
        return Run(unit: unit, attempt: attempt, token: token, worker: worker, processID: process)
    }
}

extension Duration {
    /// Whole milliseconds, cut.
    var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
