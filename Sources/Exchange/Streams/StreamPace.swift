// Streams over an accelerated clock. Sockets stay as fast as they are: a pong takes its milliseconds whatever the venue's time does.

extension Duration {
    /// At least two real seconds, of which `pace` pass in each.
    fileprivate func lasting(atPace pace: Double) -> Duration { pace > 1 ? max(self, .seconds(2) * pace) : self }
}

extension StreamSession.Settings {
    /// Gives a connection at least two real seconds for each sign of life, and keeps the real distance of messages.
    package mutating func stretch(toPace pace: Double) {
        guard pace > 1 else { return }
        silenceLimit = silenceLimit.lasting(atPace: pace)
        connectDeadline = connectDeadline.lasting(atPace: pace)
        answerDeadline = answerDeadline.lasting(atPace: pace)
        // Binance counts messages by the real second.
        spacing = spacing * pace
    }
}

extension AccountSession.Settings {
    /// Gives a connection at least two real seconds for each sign of life.
    package mutating func stretch(toPace pace: Double) {
        silenceLimit = silenceLimit.lasting(atPace: pace)
        connectDeadline = connectDeadline.lasting(atPace: pace)
        answerDeadline = answerDeadline.lasting(atPace: pace)
        reconcileDeadline = reconcileDeadline.lasting(atPace: pace)
    }
}
