internal import COperatingSystem
internal import Glibc

/// The pipe by which a child learns that its supervisor is gone, however it went: the supervisor holds the writing end, and
/// the kernel closes it with the process. (Not `PR_SET_PDEATHSIG`: that follows the death of the parent's *thread*.)
package enum Lifeline {
    /// The number of the reading end in a child.
    package static let descriptor: Int32 = 3
    /// Set to 1 in the environment of a child that has a lifeline.
    package static let variable = "PRAGMA_LIFELINE"

    /// A new pipe: the end for the children and the end to keep.
    package static func make() throws(FleetError) -> (forChildren: Int32, kept: Int32) {
        var ends: [Int32] = [0, 0]
        guard csystem_pipe(&ends) == 0 else { throw Files.failure("cannot make", "the lifeline pipe") }
        return (ends[0], ends[1])
    }

    /// Calls `onLoss` once, on a thread of its own, when the supervisor is gone. Does nothing in a process without a lifeline.
    package static func watch(environment: [String: String], onLoss: @escaping @Sendable () -> Void) {
        guard environment[variable] == "1" else { return }
        let box = Unmanaged.passRetained(Box(onLoss))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                csystem_begin_thread("lifeline")
                var byte: UInt8 = 0
                while true {
                    let count = read(Lifeline.descriptor, &byte, 1)
                    if count > 0 || (count < 0 && errno == EINTR) { continue }
                    break
                }
                if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().action() }
                return nil
            }, box.toOpaque())
        if status != 0 { box.release() } else { pthread_detach(thread) }
    }

    private final class Box: Sendable {
        let action: @Sendable () -> Void
        init(_ action: @escaping @Sendable () -> Void) { self.action = action }
    }
}
