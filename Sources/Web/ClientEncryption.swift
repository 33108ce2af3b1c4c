import Exchange
import NIOSSL
import Synchronization

/// How a client's connections are encrypted. The context is made when the first of them is: it holds all certificate authorities of the machine,
/// a megabyte that a client of a venue on this machine never needs.
final class ClientEncryption: Sendable {
    private let configuration: TLSConfiguration
    private let made = Mutex<NIOSSLContext?>(nil)

    /// Throws where the file of certificates cannot be used.
    init(_ roots: TrustRoots) throws(WebSetupError) { configuration = try roots.clientConfiguration() }

    /// Takes milliseconds at the first call, which belong on no event loop that others wait for.
    func context(for origin: WebOrigin) throws(WebFailure) -> NIOSSLContext {
        let result = made.withLock { context -> Result<NIOSSLContext, WebSetupError> in
            if let context { return .success(context) }
            return Result { () throws(WebSetupError) in try configuration.makeContext() }.map {
                context = $0
                return $0
            }
        }
        do throws(WebSetupError) { return try result.get() } catch { throw .notSent("\(origin): \(error)") }
    }
}
