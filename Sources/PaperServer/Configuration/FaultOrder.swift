package import Exchange
package import PaperExchange

/// A fault as an operator or a script orders it; times are real ones.
package struct FaultOrder: Hashable, Sendable {
    package var kind: PaperFault.Kind
    package var target: PaperFault.Target
    /// 0.0 to 1.0 each time.
    package var probability: Double
    /// It ends after so many times; nil: only by its time.
    package var count: Int?
    /// How long it is in force; nil: until it struck often enough, or for good.
    package var duration: Duration?

    package init(
        _ kind: PaperFault.Kind, target: PaperFault.Target = .any, probability: Double = 1, count: Int? = nil,
        duration: Duration? = nil
    ) {
        self.kind = kind
        self.target = target
        self.probability = probability
        self.count = count
        self.duration = duration
    }

    /// The fault in the venue's time, of which `speed` pass in a real one.
    package func fault(from: Int64, speed: Double) -> PaperFault {
        let until = duration.map { from.addingClamped($0, speed: speed) } ?? .max
        return PaperFault(kind, target: target, probability: probability, count: count, from: from, until: until)
    }
}

extension Int64 {
    /// This time in milliseconds and a real duration later at a venue that is so many times as fast; at the limits where it is passed.
    func addingClamped(_ duration: Duration, speed: Double) -> Int64 {
        let length = duration.inMilliseconds * speed
        guard length < 9e18 else { return .max }
        let (sum, overflow) = addingReportingOverflow(Int64(length))
        return overflow ? .max : sum
    }
}

extension Duration {
    var inMilliseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1000 + Double(attoseconds) / 1e15
    }
}

// MARK: - By name

extension FaultOrder {
    /// The values that kinds of faults take, as they are named in files and, with dashes, on the command line.
    package enum Setting: String, Sendable, CaseIterable {
        case delay
        case retryAfter = "retry_after"
        case skew
        case fraction

        /// What has to be written.
        package var remedy: String {
            switch self {
            case .delay: "write how much later answers come: 500ms"
            case .retryAfter: "write what the venue asks to wait, in whole seconds: 5s"
            case .skew: "write by how much the venue's clock is off: 1500ms or -1500ms"
            case .fraction: "write which part is filled, from 0.0 to 1.0"
            }
        }
    }

    /// Values by which a kind is made.
    package struct Settings: Sendable {
        package var delay: Duration?
        package var retryAfter: Duration?
        package var skewMilliseconds: Int64?
        package var fraction: Double?

        package init() {}
    }

    /// All kinds by name, with the value that each takes.
    package static let kinds: [(name: String, setting: Setting?)] = [
        ("latency", .delay), ("timeoutAfterAccepting", nil), ("backendTimeout", nil), ("cutBefore", nil), ("cutAfter", nil),
        ("rateLimited", .retryAfter), ("banned", .retryAfter), ("outage", nil), ("rejectOrders", nil), ("garbage", nil),
        ("clockSkew", .skew), ("partialFills", .fraction), ("loseStreamMessages", nil), ("duplicateStreamMessages", nil),
        ("reorderStreamMessages", nil), ("disconnectStreams", nil), ("bookGap", nil),
    ]

    /// The longest delay or skew.
    package static let longest: Duration = .seconds(600)

    /// The kind of this name; nil where there is none, or its value is missing.
    package static func kind(_ name: String, _ settings: Settings) -> PaperFault.Kind? {
        switch name {
        case "latency": settings.delay.map { .latency(milliseconds: Int64($0.inMilliseconds)) }
        case "timeoutAfterAccepting": .timeoutAfterAccepting
        case "backendTimeout": .backendTimeout
        case "cutBefore": .cutBefore
        case "cutAfter": .cutAfter
        case "rateLimited": settings.retryAfter.map { .rateLimited(retryAfter: Int($0.components.seconds)) }
        case "banned": settings.retryAfter.map { .banned(retryAfter: Int($0.components.seconds)) }
        case "outage": .outage
        case "rejectOrders": .rejectOrders
        case "garbage": .garbage
        case "clockSkew": settings.skewMilliseconds.map { .clockSkew(milliseconds: $0) }
        case "partialFills": settings.fraction.map { .partialFills($0) }
        case "loseStreamMessages": .loseStreamMessages
        case "duplicateStreamMessages": .duplicateStreamMessages
        case "reorderStreamMessages": .reorderStreamMessages
        case "disconnectStreams": .disconnectStreams
        case "bookGap": .bookGap
        default: nil
        }
    }
}

// MARK: - Over the control endpoint

extension FaultOrder {
    /// The order as JSON; durations in milliseconds.
    package var json: JSONValue {
        var members: [JSONValue.Member] = [.init("kind", .string(FaultPlan.name(kind)))]
        switch kind {
        case .latency(let milliseconds): members.append(.init("delay_ms", .integer(milliseconds)))
        case .rateLimited(let seconds), .banned(let seconds):
            members.append(.init("retry_after_ms", .integer(Int64(seconds) * 1000)))
        case .clockSkew(let milliseconds): members.append(.init("skew_ms", .integer(milliseconds)))
        case .partialFills(let fraction): members.append(.init("fraction", .number("\(fraction)")))
        default: break
        }
        members.append(.init("target", .string(target.rawValue)))
        members.append(.init("probability", .number("\(probability)")))
        if let count { members.append(.init("count", .integer(Int64(count)))) }
        if let duration { members.append(.init("for_ms", .integer(Int64(duration.inMilliseconds)))) }
        return .object(members)
    }

    /// Reads what `json` writes; nil where something is missing or out of range.
    package init?(_ json: JSONValue) {
        guard let name = json["kind"]?.text else { return nil }
        var settings = Settings()
        settings.delay = json["delay_ms"]?.duration
        settings.retryAfter = json["retry_after_ms"]?.duration
        settings.skewMilliseconds = json["skew_ms"]?.integer
        settings.fraction = json["fraction"]?.double
        guard let kind = Self.kind(name, settings),
            let target = PaperFault.Target(rawValue: json["target"]?.text ?? PaperFault.Target.any.rawValue)
        else { return nil }
        let probability = json["probability"]?.double ?? 1
        let count = json["count"]?.integer
        guard (0...1).contains(probability), count.map({ $0 > 0 && $0 <= 1_000_000_000 }) ?? true else { return nil }
        self.init(
            kind, target: target, probability: probability, count: count.map(Int.init), duration: json["for_ms"]?.duration)
    }
}

extension JSONValue {
    fileprivate var duration: Duration? {
        integer.flatMap { (0...31_536_000_000).contains($0) ? .milliseconds($0) : nil }
    }
}
