internal import Exchange

/// Times of a trading job. Those of candles are of the venue's time, the others of the machine's: they differ at an accelerated paper venue.
package struct JobSettings: Hashable, Sendable {
    /// The wait before a second attempt to reach the venue; it doubles with each further one.
    package var firstPause = Duration.seconds(1)
    package var longestPause = Duration.seconds(60)
    /// How long after its end a candle may be missing in the stream before it is asked for.
    package var candleGrace = Duration.seconds(5)
    /// How old the end of a candle must be before an answer over REST is believed to have all of it.
    package var candleSettling = Duration.seconds(1)
    /// How often the venue's clock is compared with ours.
    package var clockInterval = Duration.seconds(600)
    /// How often figures go to the log.
    package var reportInterval = Duration.seconds(900)
    /// How long the end waits until the coordinator has all records.
    package var recordPatience = Duration.seconds(3)
    /// Inputs that wait at most; the streams keep, or drop and tell, what is beyond.
    package var inputs = 1024

    package init() {}

    /// With the machine's times in those of a clock of this pace.
    func paced(_ pace: Double) -> JobSettings {
        guard pace != 1 else { return self }
        var result = self
        result.firstPause = firstPause * pace
        result.longestPause = longestPause * pace
        result.clockInterval = clockInterval * pace
        result.reportInterval = reportInterval * pace
        result.recordPatience = recordPatience * pace
        return result
    }
}
