internal import Foundation
internal import Glibc

/// The folder in which a fleet keeps its state: store, keys, latches, logs. One fleet, one home.
package struct Home: Sendable, Equatable {
    /// The version of the folder's layout that this program reads and writes.
    package static let format = 1

    /// The folder, absolute.
    package let path: String
    /// The name that people see in `pragma stop` and `pragma status`.
    package let fleet: String

    /// What `pragma.json` in the home says.
    private struct Description: Codable {
        var format: Int
        var fleet: String
        var created: String
    }

    // MARK: - Where it is

    /// Where the home is, whether or not there is one yet: `--home`, `PRAGMA_HOME`, a `.pragma` in this folder or one above it,
    /// else `~/.pragma`.
    package static func location(flag: String?, environment: [String: String], workingFolder: String) -> String {
        let userHome = environment["HOME"] ?? "/"
        if let flag, !flag.isEmpty { return Files.absolute(flag, in: workingFolder, userHome: userHome) }
        if let variable = environment["PRAGMA_HOME"], !variable.isEmpty {
            return Files.absolute(variable, in: workingFolder, userHome: userHome)
        }
        var folder = workingFolder
        while true {
            let candidate = folder == "/" ? "/.pragma" : folder + "/.pragma"
            if Files.isFolder(candidate) { return candidate }
            if folder == "/" { break }
            folder = Files.parent(of: folder)
        }
        return userHome + "/.pragma"
    }

    /// Opens the home at `path`.
    ///
    /// Throws where there is none (`noFleet`), or where it was made by a version with another layout (`input`).
    package static func open(_ path: String) throws(FleetError) -> Home {
        let file = path + "/pragma.json"
        guard let bytes = try Files.readIfPresent(file, limit: 1 << 20) else {
            throw FleetError(
                .noFleet, "no fleet at \(path): make one with 'pragma init --home \(path)', or start one with 'pragma up'")
        }
        guard let description = try? JSONDecoder().decode(Description.self, from: Data(bytes)) else {
            throw FleetError(
                .input, "\(file) is damaged: it should hold {\"format\": \(format), \"fleet\": NAME}; restore it from a backup")
        }
        guard description.format == format else {
            throw FleetError(
                .input,
                "\(path) was made by another version of pragma: its layout is \(description.format), this program has \(format). "
                    + "Use the program that made it, or another --home")
        }
        return Home(path: path, fleet: description.fleet)
    }

    /// Makes the folders of a new home and its description. Keys and first latches are made by the caller before this is called
    /// last (`pragma.json` is what makes a folder a home), so that a crash leaves no half-made one.
    package static func makeFolders(at path: String) throws(FleetError) {
        for folder in ["", "/keys", "/latch", "/store", "/logs"] { try Files.makeFolder(path + folder) }
    }

    /// Writes the description, the last step of making a home.
    package static func describe(at path: String, fleet: String, created: String) throws(FleetError) -> Home {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        guard let data = try? encoder.encode(Description(format: format, fleet: fleet, created: created)) else {
            throw FleetError(.system, "cannot encode the description of \(path)")
        }
        try Files.write(Array(data), to: path + "/pragma.json")
        return Home(path: path, fleet: fleet)
    }

    // MARK: - What is in it

    /// The job store.
    package var storePath: String { path + "/store/jobs.sqlite" }
    /// The file whose existence stops every process of this home.
    package var haltFile: String { path + "/HALT" }
    /// The latch of the process with this name.
    package func latchPath(_ process: String) -> String { path + "/latch/\(process).latch" }
    /// A file in the keys folder.
    package func keyPath(_ name: String) -> String { path + "/keys/" + name }
    /// A file in the logs folder.
    package func logPath(_ process: String) -> String { path + "/logs/\(process).log" }
    /// The folder of the lines that this home's workers write for probes.
    package var probeFolder: String { path + "/probes" }
    /// Held by the coordinator while it runs: one coordinator per home.
    package var coordinatorLock: String { path + "/coordinator.lock" }
    /// Held by `pragma up` while it runs.
    package var supervisorLock: String { path + "/up.lock" }

    /// The folder of the socket files. A socket's path is limited to 107 bytes, so that a home in a long path keeps them in a
    /// short folder of this user, named after a hash of the home's path.
    package var runtimeFolder: String {
        let own = path + "/run"
        // The longest socket name is "telemetry.sock"; leave room for 20 bytes.
        if own.utf8.count + 20 <= 107 { return own }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a, 64 bit
        for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return "/tmp/pragma-\(getuid())-" + String(hash, radix: 16)
    }

    /// There while the local fleet's sockets are encrypted: so commands know it without being told.
    var encryptionMark: String { runtimeFolder + "/encrypted" }

    /// The endpoint of a local fleet's socket: `jobs`, `control`, `events`, `telemetry`, `guard` or `beacon`.
    package func endpoint(_ socket: String) -> String { "ipc://\(runtimeFolder)/\(socket).sock" }
}
