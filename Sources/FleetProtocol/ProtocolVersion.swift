/// The version of the wire format. Programs of one major version understand each other; a minor version only adds fields and
/// messages that an older program may leave aside.
package struct ProtocolVersion: Hashable, Sendable, CustomStringConvertible {
    package var major: UInt32
    package var minor: UInt32
    package init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    /// What this program speaks.
    package static let current = ProtocolVersion(major: 1, minor: 0)

    package var description: String { "\(major).\(minor)" }
}
