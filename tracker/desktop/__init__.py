"""What the desktop offers besides capture.

secrets   keys and tokens, in the system's keyring
keychain  that keyring itself, asked in a process of its own
control   commands from the command line to the running app
display   whether there is a screen
bus       questions to the desktop's buses, waited for
power     sleep, lock and other users in front, as logind tells them
lock      the lock on Windows and macOS, by what `locked` finds there
embedded  the embedded backend, started while it is needed
"""
