import Strategies

/// The known name that a misspelt one most likely means.
enum NearestName {
    /// The candidate nearest to `name`, as strategies and parameters are guessed; of several the first in alphabetical order.
    static func find(_ name: String, among candidates: some Sequence<String>) -> String? {
        nearestName(to: name, among: candidates.sorted())
    }
}
