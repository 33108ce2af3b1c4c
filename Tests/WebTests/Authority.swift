import Foundation

@testable import Web

/// A certificate authority of the tests' own, made with openssl.
final class Authority: Sendable {
    /// Nil where there is no openssl.
    static let shared: Authority? = try? Authority()
    /// Another one, that nobody believes.
    static let stranger: Authority? = try? Authority()

    private let folder: String
    var root: String { folder + "/root.pem" }
    var server: ServerIdentity { ServerIdentity(certificates: folder + "/server.pem", key: folder + "/server.key") }
    /// For another name than that of this machine.
    var misnamed: ServerIdentity { ServerIdentity(certificates: folder + "/other.pem", key: folder + "/other.key") }

    private init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/pragma-web-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=Pragma-Test -keyout root.key -out root.pem"
        )
        try issue("server", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        try issue("other", "subjectAltName=DNS:elsewhere.invalid")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func issue(_ name: String, _ extensions: String) throws {
        try extensions.write(toFile: "\(folder)/\(name).ext", atomically: true, encoding: .utf8)
        try openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=\(name) -keyout \(name).key -out \(name).csr")
        try openssl(
            "x509 -req -in \(name).csr -CA root.pem -CAkey root.key -CAcreateserial -days 30 -extfile \(name).ext -out \(name).pem"
        )
    }

    private struct Failed: Error {}

    private func openssl(_ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = URL(filePath: folder)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed() }
    }
}
