import Foundation

/// What a whole fleet that has nothing to do takes of the processor.
enum Idle {
    private static let seconds: UInt32 = 20

    static func rows(_ options: Options) throws -> [Row] {
        let fleet = try Fleet(options)
        defer { fleet.end() }
        let up = try fleet.start("up", ["--workers", "4"])
        let end = Machine.now + 30
        while Machine.family(up).count < 7 {
            guard Machine.now < end else { throw BenchError("the fleet did not start within 30 s") }
            usleep(100_000)
        }
        sleep(5)
        let family = Machine.family(up)
        let before = family.map(Machine.processorTime)
        let start = Machine.now
        sleep(seconds)
        let elapsed = Machine.now - start
        let used = zip(family, before).map { Machine.processorTime($0) - $1 }
        let part = used.reduce(0, +) / elapsed
        var row = Row("idle fleet, 4 workers", part * 100, "% of one core", decimals: 2)
        row.target = "< 1 %"
        row.met = part < 0.01
        row.note =
            "\(family.count) processes over \(seconds) s: " + used.map { Text.decimals($0, 2) }.joined(separator: " + ") + " s"
        return [row]
    }
}
