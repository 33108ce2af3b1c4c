internal import Halt

/// Makes the home of a new fleet: folders, keys, the first latch of its monitor, and last the description that makes it a home.
package enum HomeMaker {
    /// Throws where there is one already, or where something else is in the way.
    package static func make(at path: String, fleet: String) throws(FleetError) -> Home {
        guard !Files.exists(path + "/pragma.json") else {
            throw FleetError(.refused, "\(path) is the home of a fleet already; 'pragma init --if-missing' accepts that")
        }
        guard !fleet.isEmpty, fleet.utf8.count <= 64, !fleet.contains(where: \.isNewline) else {
            throw FleetError(.input, "the fleet's name must have 1 to 64 bytes in one line")
        }
        try Home.makeFolders(at: path)
        // Signing keys are always needed: halt states are signed on every connection. Connection keys are for encrypted fleets.
        _ = try KeyRing(folder: path + "/keys").makeMissing { $0 == .signing }
        let latch = LatchFiles(path + "/latch/monitor.latch")
        if latch.read().allSatisfy({ $0 == nil }) {
            try latch.write(kind: .monitor, sequence: 1, payload: MonitorLatch.initial(monitor: MonitorID("monitor")).encoded())
        }
        return try Home.describe(at: path, fleet: fleet, created: WallTime.text(milliseconds: Node.wallClock()))
    }
}
