"""Which programs keep passwords, and how browsers call their private windows: what is treated unasked.

Firefox and Edge name them in the title. Chromium, Chrome and their kin do not, so that nobody can tell.
"""

from __future__ import annotations

PASSWORD_MANAGERS = (
    "*keepass*",
    "*1password*",
    "*bitwarden*",
    "*seahorse*",
    "*gnome-passwords*",
    "org.gnome.world.secrets",
    "org.gnome.passwordsafe",
    "*kwallet*",
    "*enpass*",
    "*proton*pass*",
    "*lastpass*",
    "*dashlane*",
    "*nordpass*",
    "*roboform*",
    "*buttercup*",
    "*qtpass*",
    "*keeperpassword*",
    "*strongbox*",
    "passwords",  # macOS
    "keychain access",
    "gcr-prompter",  # it asks for a keyring's password
    "*pinentry*",
)

BROWSERS = (
    "*firefox*",
    "*librewolf*",
    "*waterfox*",
    "*floorp*",
    "*zen*",
    "*tor browser*",
    "navigator",
    "*chrom*",
    "*brave*",
    "*vivaldi*",
    "*opera*",
    "*edge*",
    "*epiphany*",
    "safari",
)

PRIVATE_WINDOWS = (
    "*private browsing*",
    "*private window*",
    "*(private)*",
    "*incognito*",
    "*inprivate*",
    "*privater modus*",
    "*privates fenster*",
    "*inkognito*",
    "*navigation privée*",
    "*navegación privada*",
    "*incógnito*",
    "*navigazione anonima*",
    "*navegação privativa*",
    "*navegação privada*",
    "*anônima*",
    "*privénavigatie*",
    "*tryb prywatny*",
    "*privat surfning*",
    "*приватный просмотр*",
    "*プライベートブラウジング*",
)
