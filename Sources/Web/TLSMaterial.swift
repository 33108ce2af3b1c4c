import NIOSSL

/// A certificate or key file, or a setting, cannot be used; the text says which, and what is wrong with it.
package struct WebSetupError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Whom a client believes. Verification itself cannot be switched off.
package enum TrustRoots: Hashable, Sendable {
    /// The certificate authorities of this machine.
    case system
    /// Only those in this PEM file: for a venue on one's own machine, and for tests.
    case file(String)
}

/// What a server shows: a chain of certificates, its own first, and the private key, both PEM files.
package struct ServerIdentity: Hashable, Sendable {
    package var certificates: String
    package var key: String

    package init(certificates: String, key: String) {
        self.certificates = certificates
        self.key = key
    }
}

extension TrustRoots {
    /// TLS 1.2 or later, the certificate and the name in it verified.
    func clientConfiguration() throws(WebSetupError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        configuration.applicationProtocols = ["http/1.1"]
        if case .file(let path) = self {
            configuration.trustRoots = .certificates(try certificates(at: path))
        }
        return configuration
    }
}

extension ServerIdentity {
    func serverConfiguration() throws(WebSetupError) -> TLSConfiguration {
        let chain = try Web.certificates(at: certificates).map { NIOSSLCertificateSource.certificate($0) }
        do {
            let secret = try NIOSSLPrivateKey(file: key, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(secret))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            return configuration
        } catch {
            throw WebSetupError("the private key file \(key) cannot be used: an unencrypted PEM key is expected (\(error))")
        }
    }
}

extension TLSConfiguration {
    func makeContext() throws(WebSetupError) -> NIOSSLContext {
        do { return try NIOSSLContext(configuration: self) } catch {
            throw WebSetupError("certificate and key do not make a TLS identity; do they belong together? (\(error))")
        }
    }
}

private func certificates(at path: String) throws(WebSetupError) -> [NIOSSLCertificate] {
    do {
        let found = try NIOSSLCertificate.fromPEMFile(path)
        if found.isEmpty { throw WebSetupError("the certificate file \(path) has no certificate in it") }
        return found
    } catch let error as WebSetupError {
        throw error
    } catch {
        throw WebSetupError("the certificate file \(path) cannot be read: certificates in PEM form are expected (\(error))")
    }
}
