import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// A fleet whose connections are encrypted, and what each key may do.
    @Suite(.serialized) struct Encryption {
        @Test func `an encrypted fleet works, a viewer may only look, and an unknown key is refused`() async throws {
            let data = try await Farm.candles()
            try await withRig { rig in
                let on = ["PRAGMA__ENCRYPTION": "on"]
                let key = { (name: String) in on.merging(["PRAGMA_KEY": name]) { $1 } }
                _ = try Farm.write(in: rig.folder)
                try await rig.succeed(["init"])
                try await rig.succeed(["keys", "new"])
                for name in try FileManager.default.contentsOfDirectory(atPath: rig.home + "/keys") where name.hasSuffix(".json")
                {
                    let mode = try FileManager.default.attributesOfItem(atPath: rig.home + "/keys/" + name)[.posixPermissions]
                    #expect(mode as? Int == 0o600, "\(name)")
                }
                let fleet = try await rig.up(workers: 2, on)
                let status = try await rig.status(on)
                #expect(status.processes.count == 4 && status.processes.allSatisfy { $0.answers })

                let backtest = ["backtest", "-c", "config.json", "--datadir", data, "--json"]
                let encrypted = try await rig.succeed(backtest, on)
                #expect(encrypted == (try await rig.succeed(backtest + ["--local"])))

                #expect(try await rig.status(key("viewer")).coordinatorAnswers)
                try await rig.succeed(["jobs", "list"], key("viewer"))
                let submitted = try await rig.run(backtest + ["--set", "fast=7"], key("viewer"))
                #expect(submitted.ending == .code(4))
                #expect(submitted.errors.contains("'viewer' may only look"), "\(submitted.errors)")
                let list = try await rig.succeed(["jobs", "list", "--json"], on)
                #expect(try JSONDecoder().decode([JobLine].self, from: Data(list.utf8)).count == 1)

                try await strangers(rig, key)
                // Without the variable commands see it; a choice that is wrong is told.
                #expect(try await rig.jobs().count == 1)
                let plain = try await rig.run(["jobs", "list"], ["PRAGMA__ENCRYPTION": "off"])
                #expect(plain.ending == .code(4))
                #expect(plain.errors.contains("encrypted otherwise"), "\(plain.errors)")
                try await rig.end(fleet)
            }
        }

        /// Keys that are not there, and keys that the fleet does not know.
        private func strangers(_ rig: Rig, _ key: (String) -> [String: String]) async throws {
            let missing = try await rig.run(["jobs", "list"], key("nobody"))
            #expect(missing.ending == .code(2))
            #expect(missing.errors.contains("there is no key"), "\(missing.errors)")
            // A pair that the fleet has not been told of: made, and its public half taken away again.
            let elsewhere = rig.folder + "/elsewhere"
            try await rig.succeed(["init", "--home", elsewhere])
            try await rig.succeed(["keys", "new", "--home", elsewhere, "--role", "operator", "--name", "stranger"])
            try FileManager.default.copyItem(
                atPath: elsewhere + "/keys/stranger.connection.json", toPath: rig.home + "/keys/stranger.connection.json")
            let unknown = try await rig.run(["jobs", "list"], key("stranger"))
            #expect(unknown.ending == .code(4))
            #expect(unknown.errors.contains("does not accept the key 'stranger'"), "\(unknown.errors)")
        }
    }
}
