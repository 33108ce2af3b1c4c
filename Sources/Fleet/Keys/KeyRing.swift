internal import Crypto
internal import FleetProtocol
internal import Foundation
internal import Halt
internal import Transport

/// The keys that a process knows: its own pairs and the public halves of its peers.
package struct KeyRing: Sendable {
    /// The keys that `pragma init` and `pragma keys new` make: name, role, purpose.
    package static let standard: [(name: String, role: Rights.Role, purpose: KeyFile.Purpose)] = [
        ("coordinator", .coordinator, .connection),
        ("monitor", .monitor, .connection),
        ("monitor", .monitor, .signing),
        ("worker", .backtestWorker, .connection),
        ("dry-worker", .dryRunWorker, .connection),
        ("live-worker", .liveWorker, .connection),
        ("operator", .operator, .connection),
        ("stop", .stopOnly, .connection),
        ("viewer", .readOnly, .connection),
    ]

    /// The folder with the own pairs.
    let folder: String
    /// The folder with the peers' public halves.
    let peers: String

    /// The keys of a home, or of the folders that a role file names.
    package init(folder: String, peers: String? = nil) {
        self.folder = folder
        self.peers = peers ?? folder + "/peers"
    }

    /// The path of an own pair.
    package func path(_ name: String, _ purpose: KeyFile.Purpose) -> String { "\(folder)/\(name).\(purpose.rawValue).json" }

    private func peerPath(_ name: String, _ purpose: KeyFile.Purpose) -> String {
        "\(peers)/\(name).\(purpose.rawValue).public.json"
    }

    // MARK: - Making

    /// Makes a pair and its public half; throws where there is one of that name.
    @discardableResult
    package func make(name: String, role: Rights.Role, purpose: KeyFile.Purpose) throws(FleetError) -> String {
        guard Self.isName(name) else {
            throw FleetError(.input, "'\(name)' is no name for a key: use 1 to 64 letters, digits, '-', '_' and '.'")
        }
        try Files.makeFolder(folder)
        try Files.makeFolder(peers)
        let file = try KeyFile.make(name: name, role: role, purpose: purpose)
        try file.write(to: path(name, purpose))
        try Files.remove(peerPath(name, purpose))
        try file.publicHalf.write(to: peerPath(name, purpose))
        return path(name, purpose)
    }

    /// Makes every standard pair that is missing, and returns the paths of the new ones.
    package func makeMissing(_ wanted: (KeyFile.Purpose) -> Bool = { _ in true }) throws(FleetError) -> [String] {
        var made: [String] = []
        for key in Self.standard where wanted(key.purpose) && !Files.exists(path(key.name, key.purpose)) {
            made.append(try make(name: key.name, role: key.role, purpose: key.purpose))
        }
        return made
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64 && name.first != "."
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    // MARK: - Connections

    /// The own pair of a connection.
    func connectionKey(_ name: String, file: String? = nil) throws(FleetError) -> (pair: KeyPair, file: KeyFile) {
        let path = file ?? path(name, .connection)
        guard Files.exists(path) else {
            throw FleetError(
                .input, "there is no key \(path), and this fleet's connections are encrypted: make it with 'pragma keys new'")
        }
        let content = try KeyFile.read(path)
        guard let secret = content.secretKey, content.purpose == .connection else {
            throw FleetError(.input, "\(path) holds no secret connection key; name the file that 'pragma keys new' made")
        }
        do throws(TransportError) { return (try KeyPair(secret: secret), content) } catch {
            throw FleetError(.input, "\(path): \(error.description)")
        }
    }

    /// The public key of the process that binds an endpoint.
    func serverKey(_ name: String) throws(FleetError) -> PublicKey {
        let path = peerPath(name, .connection)
        guard Files.exists(path) else {
            throw FleetError(.input, "there is no public key of '\(name)' at \(path): copy that file from the home of the fleet")
        }
        let content = try KeyFile.read(path)
        do throws(TransportError) { return try PublicKey(content.publicKey) } catch {
            throw FleetError(.input, "\(path): \(error.description)")
        }
    }

    /// The table of the keys that may connect: everybody of the peers' folder, to `domain`.
    func authenticator(domain: String) throws(FleetError) -> Authenticator {
        var entries: [Authenticator.Entry] = []
        guard Files.isFolder(peers) else { return Authenticator([]) }
        for name in try Files.names(in: peers) where name.hasSuffix(".connection.public.json") {
            let content = try KeyFile.read(peers + "/" + name)
            guard Rights.Role(rawValue: content.role) != nil else {
                throw FleetError(
                    .input,
                    "\(peers)/\(name): '\(content.role)' is no role; known are \(Rights.Role.allCases.map(\.rawValue).joined(separator: ", "))"
                )
            }
            do throws(TransportError) {
                entries.append(
                    Authenticator.Entry(
                        publicKey: try PublicKey(content.publicKey), name: content.name, role: content.role, domains: [domain]))
            } catch { throw FleetError(.input, "\(peers)/\(name): \(error.description)") }
        }
        return Authenticator(entries)
    }

    /// The public halves of the connection keys in the peers' folder, by name.
    package func connectionPeers() throws(FleetError) -> [KeyFile] {
        guard Files.isFolder(peers) else { return [] }
        var result: [KeyFile] = []
        for name in try Files.names(in: peers).sorted() where name.hasSuffix(".connection.public.json") {
            result.append(try KeyFile.read(peers + "/" + name))
        }
        return result
    }

    /// The names of the connection keys in the peers' folder that are of a worker or the coordinator.
    func memberNames() throws(FleetError) -> Set<String> {
        guard Files.isFolder(peers) else { return [] }
        var result: Set<String> = []
        for name in try Files.names(in: peers) where name.hasSuffix(".connection.public.json") {
            let content = try KeyFile.read(peers + "/" + name)
            if Rights.memberClass(of: Rights.Role(rawValue: content.role)) != nil { result.insert(content.name) }
        }
        return result
    }

    // MARK: - Signing

    /// The function with which a monitor signs its halt states.
    func signer(_ monitor: String, file: String? = nil) throws(FleetError) -> HaltSigner {
        let path = file ?? path(monitor, .signing)
        let content = try KeyFile.read(path)
        guard content.purpose == .signing, let secret = content.secretKey.flatMap(Hex.bytes),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: Data(secret))
        else { throw FleetError(.input, "\(path) holds no signing key; make one with 'pragma keys new'") }
        return { bytes in (try? key.signature(for: Data(bytes))).map(Array.init) ?? [] }
    }

    /// What checks the signatures of these monitors.
    func verifier(_ monitors: [String]) throws(FleetError) -> HaltVerifier {
        var keys: [String: Curve25519.Signing.PublicKey] = [:]
        for name in monitors {
            let path = peerPath(name, .signing)
            guard Files.exists(path) else {
                throw FleetError(
                    .input, "there is no signing key of monitor '\(name)' at \(path): copy that file from the home of the fleet")
            }
            let content = try KeyFile.read(path)
            guard content.purpose == .signing, let bytes = Hex.bytes(content.publicKey),
                let key = try? Curve25519.Signing.PublicKey(rawRepresentation: Data(bytes))
            else { throw FleetError(.input, "\(path) holds no public signing key; copy it again from the home of the fleet") }
            keys[name] = key
        }
        return HaltVerifier(keys: keys)
    }
}

/// Checks that halt states and grants were signed by the monitor whose name they bear.
struct HaltVerifier: Sendable, HaltSignatureCheck {
    private let keys: [String: Curve25519.Signing.PublicKey]

    fileprivate init(keys: [String: Curve25519.Signing.PublicKey]) { self.keys = keys }

    /// Whether `monitor` signed exactly these bytes.
    func isValid(_ bytes: [UInt8], signature: [UInt8], of monitor: String) -> Bool {
        keys[monitor]?.isValidSignature(Data(signature), for: Data(bytes)) ?? false
    }
}
