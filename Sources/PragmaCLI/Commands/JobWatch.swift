internal import Coordination
internal import Fleet
internal import FleetProtocol

/// Follows one job to its end: events where they come, a question every second where they do not. A terminal gets a bar, a pipe a
/// line every tenth of the way.
struct JobWatch {
    private let client: ControlClient
    private let job: JobID
    /// Programs that read JSON get no progress.
    private let isQuiet: Bool
    /// Runs on whatever happens to the time of day.
    private let clock = ContinuousClock()
    private let started: ContinuousClock.Instant

    init(_ client: ControlClient, job: JobID, quiet: Bool = false) {
        self.client = client
        self.job = job
        isQuiet = quiet
        started = clock.now
    }

    /// Waits until the job is in a terminal state and returns its last line.
    func untilEnd() throws(FleetError) -> JobLine {
        try client.subscribe()
        var line = try ask()
        var progress = Progress(total: line.combinationCount)
        var units: [UInt64: UInt64] = [:]
        var printed = -1
        var askAt = clock.now + .seconds(1)
        while !line.state.isTerminal {
            for event in try client.events(timeout: .milliseconds(200)) { take(event, &line, &units) }
            if clock.now >= askAt || line.state.isTerminal {
                line = try ask()
                askAt = clock.now + .seconds(1)
            }
            show(line, units, &progress, &printed)
        }
        line = try ask()
        show(line, [:], &progress, &printed)
        if Terminal.isInteractive, line.combinationCount > 1, !isQuiet { Terminal.line("") }
        return line
    }

    private func ask() throws(FleetError) -> JobLine {
        guard case .watching(_, _, let lines) = try client.query(.watch([job])), let line = lines.first else {
            throw FleetError(.refused, "there is no job \(job)")
        }
        return line
    }

    private func take(_ event: JobEvent, _ line: inout JobLine, _ units: inout [UInt64: UInt64]) {
        switch event.body {
        case .job(let id, let state, _) where id == job: line.state = state
        case .progress(let id, let completed, let failed, _) where id == job:
            line.completedUnits = completed
            line.failedUnits = failed
        case .unitProgress(let unit, let progress) where unit.job == job: units[unit.index] = progress.done
        default: break
        }
    }

    private func show(_ line: JobLine, _ units: [UInt64: UInt64], _ progress: inout Progress, _ printed: inout Int) {
        guard line.combinationCount > 1, !isQuiet else { return }
        let slice = max(1, (line.combinationCount + line.unitCount - 1) / max(1, line.unitCount))
        let done = min(line.combinationCount, (line.completedUnits + line.failedUnits) * slice)
        progress.note(done: done, seconds: (clock.now - started).seconds)
        if Terminal.isInteractive { return Terminal.redraw(progress.line()) }
        let tenth = Int(Double(done) / Double(line.combinationCount) * 10)
        if tenth > printed {
            printed = tenth
            Terminal.line(progress.line())
        }
    }
}
