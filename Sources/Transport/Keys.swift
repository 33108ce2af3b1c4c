import ZeroMQ

/// The public half of a CURVE key pair: who a peer is. Written in Z85, 40 characters.
package struct PublicKey: Hashable, Sendable, CustomStringConvertible {
    /// The key in Z85.
    package let text: String

    /// Reads a key; throws `invalidKey` for anything that is not 40 characters of Z85.
    package init(_ text: String) throws(TransportError) {
        guard Curve.isKey(text) else {
            throw TransportError(
                .invalidKey, "'\(text)' is no public key: 40 characters of Z85 are expected (see pragma keys new)")
        }
        self.text = text
    }

    /// A key from its 32 bytes; nil for another number of bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        text = Curve.encode(bytes)
    }

    package var description: String { text }
}

/// A CURVE key pair. Printing or reflecting it shows the public half only.
package struct KeyPair: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package let publicKey: PublicKey
    /// The secret half in Z85: written to a file of mode 0600 and nowhere else.
    package let secretText: String

    /// The pair of a secret key; throws `invalidKey` without repeating the text.
    package init(secret: String) throws(TransportError) {
        guard let text = try? Curve.publicKey(ofSecret: secret) else {
            throw TransportError(.invalidKey, "the secret key is no key: 40 characters of Z85 are expected (see pragma keys new)")
        }
        publicKey = try PublicKey(text)
        secretText = secret
    }

    /// A new random pair. Throws `system` where libzmq was built without CURVE.
    package static func generate() throws(TransportError) -> KeyPair {
        guard let pair = try? Curve.keyPair() else {
            throw TransportError(.system, "this libzmq (\(Library.version)) cannot make keys: it was built without CURVE")
        }
        return try KeyPair(secret: pair.secretKey)
    }

    package var description: String { "KeyPair(\(publicKey))" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey.text]) }
}
