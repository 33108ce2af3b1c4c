/// Why a message was not taken. Nothing of a refused message has any effect.
package enum ProtocolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No bytes, or bytes that are no envelope.
    case malformed(String)
    /// The sender speaks another major version; both are named.
    case incompatibleVersion(sender: ProtocolVersion, own: ProtocolVersion)
    /// Something is longer, larger or more than the limit allows.
    case overLimit(what: String, value: UInt64, limit: UInt64)
    /// A value that is required is not there.
    case missing(String)
    /// A value that makes no sense, or one that only a newer program knows.
    case invalid(what: String, value: String)
    /// A message that nobody sends in this direction.
    case unexpected(message: String, here: String)
    /// A halt state or grant whose signature is not that of the monitor which it names.
    case wrongSignature(of: String)
    /// The peer could not read an earlier message.
    case refusedByPeer(String)

    package var description: String {
        switch self {
        case .malformed(let detail): "the bytes are no message of this protocol: \(detail)"
        case .incompatibleVersion(let sender, let own):
            "the sender speaks protocol version \(sender), this program speaks \(own); run the same release of pragma on both sides"
        case .overLimit(let what, let value, let limit): "\(what) is \(value); the limit is \(limit)"
        case .missing(let what): "\(what) is missing"
        case .invalid(let what, let value): "\(what) has the value \(value), which is not allowed"
        case .unexpected(let message, let here): "a message '\(message)' has no place \(here)"
        case .wrongSignature(let monitor): "the signature is not that of monitor '\(monitor)'"
        case .refusedByPeer(let text): "the peer could not read a message: \(text)"
        }
    }
}
