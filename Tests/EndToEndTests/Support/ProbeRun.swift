import Foundation
import Glibc
import Testing

/// A line that a worker has written for a probe's task.
struct TaskLine: Decodable {
    var event: String
    var unit: Int
    var attempt: Int
    var token: String
    var worker: String
    var pid: Int32
    var ms: Int64
}

/// `pragma probe --json`, as far as the tests look at it.
struct ProbeAnswer: Decodable {
    struct Result: Decodable {
        var task: Int
        var token: String
        var worker: String
    }
    struct Repetition: Decodable {
        var task: Int
    }
    var job: Int64
    var state: String
    var tasks: Int
    var recorded: Int
    var lost: [Int]
    var results: [Result]
    var repeated: [Repetition]
    var late_reports: Int
}

/// A probe under way: twenty tasks of half a second, as in the study of other systems, so that the figures can be compared.
struct ProbeRun {
    static let tasks = 20
    let rig: Rig
    let command: Child

    init(_ rig: Rig) throws {
        self.rig = rig
        command = try rig.start(["probe", "--tasks", "\(Self.tasks)", "--duration", "500ms", "--json"])
    }

    // MARK: - Lines

    /// What the workers have written so far.
    var lines: [TaskLine] {
        let folder = rig.home + "/probes"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.flatMap { name in
            (FileManager.default.contents(atPath: folder + "/" + name) ?? Data()).split(separator: 10)
                .compactMap { try? JSONDecoder().decode(TaskLine.self, from: $0) }
        }
    }

    var ends: Int { lines.count { $0.event == "end" } }

    /// Waits until so many tasks have ended.
    func ended(_ count: Int) async throws {
        try await eventually("the end of \(count) tasks; \(command.errors)") { ends >= count }
    }

    /// Waits until the worker is in a task that it has just begun, and returns its line.
    func running(_ worker: String, after count: Int) async throws -> TaskLine {
        try await ended(count)
        let known = Set(lines.map(\.token))
        return try await eventually("a new task of \(worker)") {
            lines.first { $0.event == "start" && $0.worker == worker && !known.contains($0.token) }
        }
    }

    /// The tasks of these processes that have neither ended nor been stopped.
    func open(of processes: Set<Int32>) -> [TaskLine] {
        let all = lines
        let over = Set(all.filter { $0.event != "start" }.map(\.token))
        return all.filter { $0.event == "start" && processes.contains($0.pid) && !over.contains($0.token) }
    }

    /// Stops the process of a worker in the middle of a task, and returns the task's line.
    func freeze(_ worker: Child) async throws -> TaskLine {
        var count = 4
        while true {
            _ = try await running("worker-1", after: count)
            worker.signal(SIGSTOP)
            try await eventually("a stopped process") { ProcessTable.isStopped(worker.pid) }
            if let task = open(of: [worker.pid]).first { return task }
            // It was between two tasks.
            worker.signal(SIGCONT)
            count = ends
        }
    }

    /// The number of the probe's job.
    func job() async throws -> Int64 {
        try #require(try await rig.jobs().first { $0.group == "probe" }?.job)
    }

    // MARK: - The end

    /// What a probe left, after everything that always holds was checked: nothing is lost, each task has one result, only tasks that were
    /// in one of the `disturbed` processes were started again, and none of them after its result was recorded.
    func finished(disturbed: Set<Int32> = []) async throws -> (answer: ProbeAnswer, detail: JobDetail, lines: [TaskLine]) {
        let ending = try await command.ending(within: .seconds(60))
        #expect(ending == .code(0), "\(command.errors)")
        let answer = try JSONDecoder().decode(ProbeAnswer.self, from: Data(command.output.utf8))
        #expect(answer.state == "succeeded")
        #expect(answer.recorded == Self.tasks && answer.lost.isEmpty)
        let detail = try await rig.job(answer.job)
        #expect(detail.terminalStates == ["succeeded"])
        #expect(detail.job.units_completed == Self.tasks)
        let lines = lines
        let recorded = detail.attempts.filter { $0.ending == "succeeded" }
        #expect(recorded.map(\.unit).sorted() == Array(0..<Self.tasks), "one result for each task")
        #expect(Set(recorded.map(\.token)) == Set(answer.results.map(\.token)), "the results are those of the recorded attempts")
        for attempt in recorded {
            let own = lines.filter { $0.token == attempt.token }
            #expect(own.map(\.event) == ["start", "end"], "task \(attempt.unit) was recorded without having run once to its end")
            #expect(own.allSatisfy { $0.worker == attempt.worker && $0.unit == attempt.unit })
            for line in lines where line.unit == attempt.unit && line.event == "start" && line.token != attempt.token {
                #expect(Token(line.token) < Token(attempt.token), "task \(line.unit) was given out again after its result")
                #expect(disturbed.contains(line.pid), "task \(line.unit) ran again although process \(line.pid) was left alone")
            }
        }
        let starts = Dictionary(grouping: lines.filter { $0.event == "start" }, by: \.unit)
        #expect(Set(answer.repeated.map(\.task)) == Set(starts.filter { $0.value.count > 1 }.keys))
        return (answer, detail, lines)
    }
}

/// A fencing token as the commands write it.
struct Token: Comparable {
    var incarnation: Int
    var counter: Int

    init(_ text: String) {
        let parts = text.split(separator: ".").compactMap { Int($0) }
        (incarnation, counter) = parts.count == 2 ? (parts[0], parts[1]) : (0, 0)
    }

    static func < (left: Token, right: Token) -> Bool {
        (left.incarnation, left.counter) < (right.incarnation, right.counter)
    }
}
