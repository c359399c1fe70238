"""The command line: everything the interface can do, for scripts and for hands that stay on the keyboard."""
