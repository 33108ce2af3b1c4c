internal import Configuration
internal import Foundation
internal import Halt
internal import Logging
internal import Transport

/// How the command line reaches a fleet: its home, and addresses where they are not the home's own sockets.
///
/// `PRAGMA_CONTROL`, `PRAGMA_EVENTS` and `PRAGMA_GUARD` name endpoints of a fleet on other hosts; `PRAGMA_KEY` names the key to use
/// (`operator` unless set), which lies in the home's `keys` folder; `PRAGMA__ENCRYPTION` (`on`, `off`) says of loopback addresses whether they
/// are encrypted, which of the home's own sockets is seen.
package struct ClientNode: Sendable {
    let home: Home
    let control: String
    let events: String
    let guards: [(monitor: String, address: String)]
    let keyName: String
    /// What `PRAGMA__ENCRYPTION` says; nil where it leaves the choice to the endpoints.
    private let encryption: Bool?
    let keys: KeyRing

    /// Throws where the home is none.
    package init(home: Home, environment: [String: String]) {
        self.home = home
        let variable = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        control = variable("PRAGMA_CONTROL") ?? home.endpoint("control")
        events = variable("PRAGMA_EVENTS") ?? home.endpoint("events")
        // Several monitors: `name=address,name=address`.
        guards =
            variable("PRAGMA_GUARD").map { text in
                text.split(separator: ",").map { part in
                    let pieces = part.split(separator: "=", maxSplits: 1).map(String.init)
                    return pieces.count == 2 ? (pieces[0], pieces[1]) : ("monitor", String(part))
                }
            } ?? [("monitor", home.endpoint("guard"))]
        keyName = variable("PRAGMA_KEY") ?? "operator"
        encryption = environment["PRAGMA__ENCRYPTION"].flatMap { ["on": true, "off": false][$0] }
        keys = KeyRing(folder: home.path + "/keys")
    }

    /// Asked anew for each connection, since the fleet may have been started meanwhile. Endpoints that leave this machine are always encrypted;
    /// of the home's own sockets a mark says it.
    var isEncrypted: Bool {
        let addresses = [control, events] + guards.map(\.address)
        if addresses.contains(where: { $0.hasPrefix("tcp://") && !Self.isLoopback($0) }) { return true }
        if let encryption { return encryption }
        return addresses.contains { $0.hasPrefix("ipc://" + home.runtimeFolder + "/") } && Files.exists(home.encryptionMark)
    }

    private static func isLoopback(_ text: String) -> Bool { (try? Address(text))?.isLocal ?? false }

    /// The fleet's name.
    package var fleetName: String { home.fleet }
    /// The fleet's home.
    package var homePath: String { home.path }
    /// The file whose existence stops every process of the home.
    package var haltFile: String { home.haltFile }

    /// Whether the home's own coordinator runs: known at once, without waiting for an answer that will not come.
    package var isLocalCoordinatorRunning: Bool? {
        control == home.endpoint("control") ? FileLock.isHeld(home.coordinatorLock) : nil
    }

    func security(to server: String) throws(FleetError) -> EndpointOptions.Security {
        guard isEncrypted else { return .none }
        return .client(try keys.connectionKey(keyName).pair, server: try keys.serverKey(server))
    }

    /// A client endpoint with room for the largest result.
    func endpoint(_ address: String, server: String) throws(FleetError) -> EndpointOptions {
        var options = EndpointOptions.client(try self.address(address), security: try security(to: server))
        options.maxMessageSize = 64 << 20
        return options
    }

    /// An address to connect to. Sockets in a folder that somebody else has made are not trusted.
    func address(_ text: String) throws(FleetError) -> Address {
        if text.hasPrefix("ipc://" + home.runtimeFolder + "/") { try home.checkRuntimeFolder() }
        return try Node.address(text)
    }

    static func transport() throws(FleetError) -> ZeroMQTransport {
        do throws(TransportError) { return try ZeroMQTransport() } catch { throw FleetError(.system, error.description) }
    }
}
