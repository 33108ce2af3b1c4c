/// The name of a monitor. Its signing key is found by this name; states and grants of another key never bear it.
package struct MonitorID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var name: String
    package init(_ name: String) { self.name = name }
    package var description: String { name }
    package static func < (a: MonitorID, b: MonitorID) -> Bool { a.name < b.name }
}

/// The name of a member (worker or coordinator), bound to its transport key by the shell.
package struct MemberName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var name: String
    package init(_ name: String) { self.name = name }
    package var description: String { name }
    package static func < (a: MemberName, b: MemberName) -> Bool { a.name < b.name }
}

/// One run of a member's process: (start number or start time, random), so that a later start compares greater.
package struct MemberSession: Hashable, Comparable, Sendable, BitwiseCopyable {
    package var number: UInt64
    package init(_ number: UInt64) { self.number = number }
    package static func < (a: MemberSession, b: MemberSession) -> Bool { a.number < b.number }
}

/// One run of a member's process by the random number that it was started with: its supervisor knows it, too, and names with it who died.
package struct MemberRun: Hashable, Sendable, BitwiseCopyable {
    package var high: UInt64
    package var low: UInt64
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// 128 random bits that a member sends and a monitor signs back: proof that the answer is no older than the question.
package struct HaltNonce: Hashable, Sendable, BitwiseCopyable {
    package var high: UInt64
    package var low: UInt64
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// A request of an operator, chosen by the asking program: the same request sent again is answered again, not carried out again.
package struct HaltRequestID: Hashable, Sendable, BitwiseCopyable {
    package var high: UInt64
    package var low: UInt64
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// The version of one monitor's halt state: (incarnation, counter), compared in this order.
///
/// Every start of a monitor takes a new incarnation that no other start, of a restored copy either, ever takes again; the counter grows with
/// each change. So one epoch never stands for two different states.
package struct HaltEpoch: Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
    package var incarnation: UInt64
    package var counter: UInt64

    package init(incarnation: UInt64, counter: UInt64) {
        self.incarnation = incarnation
        self.counter = counter
    }

    /// Below every epoch that a monitor uses.
    package static let zero = HaltEpoch(incarnation: 0, counter: 0)

    package static func < (a: HaltEpoch, b: HaltEpoch) -> Bool {
        (a.incarnation, a.counter) < (b.incarnation, b.counter)
    }

    /// As it is printed and typed in a re-arm: `incarnation.counter`.
    package var description: String { "\(incarnation).\(counter)" }

    /// Reads what `description` prints; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let incarnation = UInt64(parts[0]), let counter = UInt64(parts[1]) else { return nil }
        self.init(incarnation: incarnation, counter: counter)
    }
}
