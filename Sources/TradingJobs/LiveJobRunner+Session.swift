internal import Coordination
package import Fleet
package import Logging

extension LiveJobRunner {
    /// A runner with this program's own session.
    package convenience init(_ worker: Worker, log: Logger) throws(FleetError) {
        try self.init(worker, log: log) { (_) throws(JobFault) -> any LiveJobSession in
            throw JobFault(.internalError, "this build has no session for live jobs")
        }
    }
}
