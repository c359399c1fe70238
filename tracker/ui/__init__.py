"""Tray, window and dialogs: the only package that knows Qt's widgets.

desk         what the interface may ask of the tracker behind it
bridge       the only crossing of threads
status       every text about the state, without Qt
theme icons  the look: tokens, stylesheet, drawn icons
tray         icon and menu, wherever and whenever a desktop shows one
window       the window and its views
application  puts them together and runs until the freelancer quits
"""
