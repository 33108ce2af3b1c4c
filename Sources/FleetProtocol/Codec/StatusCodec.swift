import Coordination
import SwiftProtobuf

extension WireStatusAnswer {
    init(_ status: StatusAnswer) {
        self.init()
        fleet = Values.cutName(status.fleet)
        version = Values.cutName(status.version)
        processID = status.processID
        incarnation = status.incarnation
        uptimeMilliseconds = status.uptimeMilliseconds
        residentBytes = status.residentBytes
        cpuNanoseconds = status.cpuNanoseconds
        holdReason = Values.cut(status.holdReason)
        isDraining = status.isDraining
        jobCounts = JobState.allCases.compactMap { state in
            status.jobCounts[state].map { count in
                .with {
                    $0.state = state.wire()
                    $0.jobs = count
                }
            }
        }
        unitsOut = status.unitsOut
        workers = status.workers.map(WireStatusAnswer.WorkerLine.init)
    }

    func read() throws(ProtocolError) -> StatusAnswer {
        try Values.count(jobCounts.count, "the number of states", limit: 100)
        var counts: [JobState: UInt64] = [:]
        for wire in jobCounts {
            let state = try JobState(wire: wire.state, "a job's state")
            guard counts.updateValue(wire.jobs, forKey: state) == nil else {
                throw .invalid(what: "the job counts", value: "twice \(state.rawValue)")
            }
        }
        let workers = try Values.list(workers, "workers", limit: ProtocolLimits.members) { (wire) throws(ProtocolError) in
            try wire.read()
        }
        return StatusAnswer(
            fleet: try Values.name(fleet, "the fleet's name", allowEmpty: true),
            version: try Values.name(version, "the program's version", allowEmpty: true), processID: processID,
            incarnation: incarnation, uptimeMilliseconds: uptimeMilliseconds, residentBytes: residentBytes,
            cpuNanoseconds: cpuNanoseconds, holdReason: try Values.text(holdReason, "the reason of a hold"),
            isDraining: isDraining, jobCounts: counts, unitsOut: unitsOut, workers: workers)
    }
}

extension WireStatusAnswer.WorkerLine {
    init(_ line: StatusAnswer.WorkerLine) {
        self.init()
        id = Values.cutName(line.id.name)
        session = WireId128(line.session.rawValue)
        workerClass = line.workerClass.wire()
        capacity = UInt32(clamping: line.capacity)
        unitsHeld = UInt32(clamping: line.unitsHeld)
        isConnected = line.isConnected
        isHalted = line.isHalted
        isDraining = line.isDraining
        isSilent = line.isSilent
        executableMatches = line.executableMatches
        sinceLastHeardMilliseconds = line.sinceLastHeardMilliseconds
        health = WireHealth(line.health)
    }

    func read() throws(ProtocolError) -> StatusAnswer.WorkerLine {
        StatusAnswer.WorkerLine(
            id: WorkerID(try Values.name(id, "a worker's name", allowEmpty: true)), session: session.session,
            workerClass: try WorkerClass(wire: workerClass, "a worker's class"), capacity: Int(capacity),
            unitsHeld: Int(unitsHeld), isConnected: isConnected, isHalted: isHalted, isDraining: isDraining, isSilent: isSilent,
            executableMatches: executableMatches, sinceLastHeardMilliseconds: sinceLastHeardMilliseconds, health: health.value)
    }
}
