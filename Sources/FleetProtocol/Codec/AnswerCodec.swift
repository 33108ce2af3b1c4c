import Coordination
import Foundation
import SwiftProtobuf

/// The coordinator's answers.
enum AnswerCodec {
    static func body(_ reply: Reply) -> WireEnvelope.OneOf_Body {
        switch reply {
        case .accepted(let jobs): .accepted(.with { $0.jobs = jobs.map(WireAccepted.Job.init) })
        case .job(let job, let state):
            .jobState(
                .with {
                    $0.job = job.rawValue
                    $0.state = state.wire()
                })
        case .done: .done(WireDone())
        case .confirmation(let confirmation):
            .liveConfirmation(
                .with {
                    $0.token = WireId128(confirmation.token.rawValue)
                    $0.validMilliseconds = confirmation.validMilliseconds
                })
        case .refused(let refusal): .refused(WireRefusal(refusal))
        }
    }

    static func body(_ answer: QueryAnswer) -> WireEnvelope.OneOf_Body {
        switch answer {
        case .jobs(let lines): .jobList(.with { $0.jobs = lines.map(WireJobLine.init) })
        case .job(let job): .jobAnswer(WireJobAnswer(job))
        case .status(let status): .status(WireStatusAnswer(status))
        case .watching(let incarnation, let sequence, let jobs):
            .watching(
                .with {
                    $0.incarnation = incarnation
                    $0.sequence = sequence
                    $0.jobs = jobs.map(WireJobLine.init)
                })
        case .results(let page): .results(WireResultsPage(page))
        case .records(let page): .recordsPage(WireRecordsPage(page))
        case .portfolio(let answer): .portfolioAnswer(WirePortfolioAnswer(answer))
        case .backedUp(let bytes): .backupAnswer(.with { $0.bytes = bytes })
        case .refused(let refusal): .queryRefused(WireRefusal(refusal))
        }
    }

    static func read(_ envelope: WireEnvelope) throws(ProtocolError) -> ControlWire.Outbound.Content {
        switch envelope.body {
        case .accepted(let wire):
            return .reply(
                .accepted(
                    try Values.list(wire.jobs, "jobs", limit: ProtocolLimits.jobs) { (job) throws(ProtocolError) in
                        AcceptedJob(id: try Values.job(job.id), isExisting: job.isExisting)
                    }))
        case .jobState(let wire): return .reply(.job(try Values.job(wire.job), try JobState(wire: wire.state, "a job's state")))
        case .done: return .reply(.done)
        case .liveConfirmation(let wire):
            guard wire.hasToken else { throw .missing("the token of a confirmation") }
            return .reply(
                .confirmation(
                    LiveConfirmation(token: SubmissionID(wire.token.value), validMilliseconds: wire.validMilliseconds)))
        case .refused(let wire): return .reply(.refused(try wire.read()))
        case .fault(let wire): return .error(try Values.text(wire.message, "an error"))
        default: return .answer(try readAnswer(envelope))
        }
    }

    private static func readAnswer(_ envelope: WireEnvelope) throws(ProtocolError) -> QueryAnswer {
        switch envelope.body {
        case .jobList(let wire): return .jobs(try lines(wire.jobs))
        case .jobAnswer(let wire): return .job(try wire.read())
        case .status(let wire): return .status(try wire.read())
        case .watching(let wire):
            return .watching(incarnation: wire.incarnation, sequence: wire.sequence, jobs: try lines(wire.jobs))
        case .results(let wire): return .results(try wire.read())
        case .recordsPage(let wire): return .records(try wire.read())
        case .portfolioAnswer(let wire): return .portfolio(try wire.read())
        case .backupAnswer(let wire): return .backedUp(bytes: wire.bytes)
        case .queryRefused(let wire): return .refused(try wire.read())
        default: throw envelope.unexpected("from the coordinator")
        }
    }

    private static func lines(_ lines: [WireJobLine]) throws(ProtocolError) -> [JobLine] {
        try Values.list(lines, "jobs", limit: ProtocolLimits.jobs) { (line) throws(ProtocolError) in try line.read() }
    }
}

extension WireAccepted.Job {
    init(_ job: AcceptedJob) {
        self.init()
        id = job.id.rawValue
        isExisting = job.isExisting
    }
}

extension WireJobLine {
    init(_ line: JobLine) {
        self.init()
        id = line.id.rawValue
        address = WireDigest(line.address.digest)
        kind = line.kind.wire()
        group = Values.cutName(line.group)
        priority = Int32(clamping: line.priority)
        state = line.state.wire()
        combinationCount = line.combinationCount
        unitCount = line.unitCount
        completedUnits = line.completedUnits
        failedUnits = line.failedUnits
        unitsOut = line.unitsOut
        submittedAtMilliseconds = line.submittedAtMilliseconds
        changedAtMilliseconds = line.changedAtMilliseconds
    }

    func read() throws(ProtocolError) -> JobLine {
        JobLine(
            id: try Values.job(id), address: JobAddress(address.digest), kind: try JobKind(wire: kind, "a job's kind"),
            group: try Values.name(group, "a job's group", allowEmpty: true), priority: Int(priority),
            state: try JobState(wire: state, "a job's state"), combinationCount: combinationCount, unitCount: unitCount,
            completedUnits: completedUnits, failedUnits: failedUnits, unitsOut: unitsOut,
            submittedAtMilliseconds: submittedAtMilliseconds, changedAtMilliseconds: changedAtMilliseconds)
    }
}

extension WireJobAnswer {
    init(_ answer: JobAnswer) {
        self.init()
        line = WireJobLine(answer.line)
        log = answer.log.map(WireJobAnswer.LogLine.init)
        attempts = answer.attempts.map(WireJobAnswer.AttemptLine.init)
        payload = Data(answer.payload)
        lateReports = answer.lateReports
    }

    func read() throws(ProtocolError) -> JobAnswer {
        let log = try Values.list(log, "lines of a log", limit: ProtocolLimits.lines) { (line) throws(ProtocolError) in
            JobAnswer.LogLine(
                state: try JobState(wire: line.state, "a job's state"), reason: try line.reason.read(),
                wallMilliseconds: line.wallMilliseconds)
        }
        let attempts = try Values.list(attempts, "attempts", limit: ProtocolLimits.lines) { (line) throws(ProtocolError) in
            try line.read()
        }
        return JobAnswer(
            line: try line.read(), log: log, attempts: attempts,
            payload: try Values.bytes(payload, "a payload", limit: ProtocolLimits.payloadBytes), lateReports: lateReports)
    }
}

extension WireJobAnswer.LogLine {
    init(_ line: JobAnswer.LogLine) {
        self.init()
        state = line.state.wire()
        reason = WireReason(line.reason)
        wallMilliseconds = line.wallMilliseconds
    }
}

extension WireJobAnswer.AttemptLine {
    init(_ line: JobAnswer.AttemptLine) {
        self.init()
        unit = line.unit
        token = WireToken(line.token)
        attempt = UInt32(clamping: line.attempt)
        worker = Values.cutName(line.worker.name)
        dispatchedAtMilliseconds = line.dispatchedAtMilliseconds
        if let ended = line.endedAtMilliseconds { endedAtMilliseconds = ended }
        ending = Values.cutName(line.ending)
        message = Values.cut(line.message)
    }

    func read() throws(ProtocolError) -> JobAnswer.AttemptLine {
        JobAnswer.AttemptLine(
            unit: unit, token: token.token, attempt: Int(attempt),
            worker: WorkerID(try Values.name(worker, "a worker's name", allowEmpty: true)),
            dispatchedAtMilliseconds: dispatchedAtMilliseconds,
            endedAtMilliseconds: hasEndedAtMilliseconds ? endedAtMilliseconds : nil,
            ending: try Values.name(ending, "an attempt's ending", allowEmpty: true),
            message: try Values.text(message, "an attempt's message"))
    }
}

extension WireResultsPage {
    init(_ page: ResultsPage) {
        self.init()
        job = page.job.rawValue
        results = page.results.map { result in
            .with {
                $0.unit = result.unit
                $0.bytes = Data(result.bytes)
            }
        }
        if let unit = page.next { next = unit }
    }

    func read() throws(ProtocolError) -> ResultsPage {
        let results = try Values.list(results, "results", limit: ProtocolLimits.results) { (wire) throws(ProtocolError) in
            ResultsPage.Result(
                unit: wire.unit, bytes: try Values.bytes(wire.bytes, "a result", limit: ProtocolLimits.resultBytes))
        }
        return ResultsPage(job: try Values.job(job), results: results, next: hasNext ? next : nil)
    }
}
