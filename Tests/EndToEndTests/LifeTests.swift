import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Start, end and surroundings of `pragma up`.
    @Suite(.serialized) struct Life {
        @Test func `up starts every role, and SIGTERM hands work back and ends all of them`() async throws {
            let data = try await Farm.candles()
            try await withRig { rig in
                let farm = try Farm.write(in: rig.folder)
                let fleet = try await rig.up(workers: 2)
                let status = try await rig.status()
                #expect(Set(status.processes.map(\.name)) == ["coordinator", "monitor", "worker-1", "worker-2"])
                #expect(status.processes.allSatisfy { $0.answers })
                #expect(status.workers.count { $0.connected } == 2)
                #expect(!status.halted && status.hold_reason.isEmpty)

                let job = try await rig.submit(farm, data: data)
                try await eventually("work") { try await rig.job(job).job.units_completed > 3 }
                try await rig.end(fleet)

                let again = try await rig.up(workers: 2)
                let detail = try await rig.finished(job)
                #expect(detail.terminalStates == ["succeeded"])
                let counted = Set(detail.attempts.filter { $0.attempt > 1 }.map(\.unit))
                #expect(
                    counted.isEmpty, "handing back counted as an attempt: \(detail.attempts.filter { counted.contains($0.unit) })"
                )
                #expect(try await rig.sweep(farm, data: data, fresh: false) == Farm.reference())
                try await rig.end(again)
            }
        }

        @Test func `nothing outlives an up that is killed`() async throws {
            let data = try await Farm.candles()
            try await withRig { rig in
                let fleet = try await rig.up(workers: 2)
                let job = try await rig.submit(try Farm.write(in: rig.folder), data: data)
                try await eventually("work") { try await rig.job(job).job.units_completed > 3 }
                #expect(ProcessTable.processes(ofHome: rig.home).count >= 5)
                fleet.signal(SIGKILL)
                #expect(try await fleet.ending() == .signal(SIGKILL))
                try await rig.nothingRuns()
            }
        }

        @Test func `children get no credentials and no switches of live trading`() async throws {
            let secrets = [
                "PRAGMA_ALLOW_LIVE": "1", "PRAGMA_LIVE_CONFIRMATION": "yes", "PRAGMA_CREDENTIAL_X_KEY": "k",
                "AWS_SECRET_ACCESS_KEY": "s",
            ]
            try await withRig { rig in
                let fleet = try await rig.up(workers: 1, secrets)
                let children = ProcessTable.processes(ofHome: rig.home).filter { $0 != fleet.pid }
                try #require(children.count == 3)
                #expect(Set(ProcessTable.environment(of: fleet.pid)).isSuperset(of: secrets.map { "\($0)=\($1)" }))
                for pid in children {
                    let names = ProcessTable.environment(of: pid).map { $0.prefix { $0 != "=" } }
                    #expect(names.contains("PRAGMA_HOME"))
                    for secret in secrets.keys { #expect(!names.contains { $0 == secret }, "\(secret) reached \(pid)") }
                }
                try await rig.end(fleet)
            }
        }

        @Test func `the same farm on one, two and four workers gives the same bytes`() async throws {
            let data = try await Farm.candles()
            let reference = try await Farm.reference()
            #expect(reference.split(separator: 10).count == 1601)
            for workers in [1, 4] {
                try await withRig { rig in
                    let fleet = try await rig.up(workers: workers)
                    #expect(try await rig.sweep(try Farm.write(in: rig.folder), data: data) == reference, "\(workers) workers")
                    try await rig.end(fleet)
                }
            }
        }
    }
}
