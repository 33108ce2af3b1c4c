import Coordination
import Foundation
import ZeroMQ

/// Where a load generator connects, and with which keys.
struct LoadTarget: Sendable {
    var jobs: String
    var control: String
    var events: String
    var executable: ExecutableHash
    /// Nil: the fleet is not encrypted.
    var workerKeys: SocketOptions.CurveRole?
    var clientKeys: SocketOptions.CurveRole?

    init(_ fleet: Fleet) throws {
        jobs = fleet.endpoint("jobs")
        control = fleet.endpoint("control")
        events = fleet.endpoint("events")
        executable = fleet.executable
        guard fleet.isEncrypted else { return }
        let server = try KeyFile("\(fleet.home)/keys/peers/coordinator.connection.public.json")
        workerKeys = try Self.keys("\(fleet.home)/keys/worker.connection.json", server)
        clientKeys = try Self.keys("\(fleet.home)/keys/operator.connection.json", server)
    }

    private static func keys(_ path: String, _ server: KeyFile) throws -> SocketOptions.CurveRole {
        let own = try KeyFile(path)
        guard let secret = own.secretKey else { throw BenchError("\(path) holds no secret key") }
        return .client(publicKey: own.publicKey, secretKey: secret, serverKey: server.publicKey)
    }

    /// What is read of a key file of the home.
    private struct KeyFile: Decodable {
        var publicKey: String
        var secretKey: String?

        enum CodingKeys: String, CodingKey {
            case publicKey = "public_key"
            case secretKey = "secret_key"
        }

        init(_ path: String) throws {
            self = try JSONDecoder().decode(KeyFile.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        }
    }
}
