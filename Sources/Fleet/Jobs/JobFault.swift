package import Coordination
package import FleetProtocol

/// Why a unit does not begin, or did not come to its end.
package struct JobFault: Error, Hashable, CustomStringConvertible {
    package var failure: UnitFailure

    package init(_ code: FailureCode, _ message: String) { failure = UnitFailure(code: code, message: message) }

    package var description: String { failure.message }
}

extension JobSpecification {
    /// The specification in a job's payload, if it is what was submitted and this executable may run it.
    ///
    /// - Parameters:
    ///   - kinds: what this runner does.
    ///   - runs: the same in words, for the sentence that refuses another kind.
    package static func checked(
        _ payload: [UInt8], address: JobAddress, kinds: [String], runs: String, executable: [UInt8]
    ) throws(JobFault) -> JobSpecification {
        let specification: JobSpecification
        do { specification = try SpecificationWire.specification(payload) } catch {
            throw JobFault(.addressMismatch, "the job's payload cannot be read: \(error)")
        }
        guard JobAddress(bytes: SHA256Digest.of(SpecificationWire.addressBytes(specification))) == address else {
            throw JobFault(
                .addressMismatch, "the job's payload is not the one that was submitted: its digest differs from its address")
        }
        guard kinds.contains(specification.kind), specification.engine == "native" else {
            throw JobFault(
                .badConfiguration, "this worker runs \(runs), not \(specification.kind)/\(specification.engine)")
        }
        guard specification.executable == executable else {
            throw JobFault(
                .internalError,
                "this worker runs another build of pragma than the one that submitted the job: restart the fleet, or submit with its own executable"
            )
        }
        return specification
    }
}
