"""What the consent page says, in the languages of `web/language.py`."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "title": "Zugriff erlauben?",
        "asks": "Die App „{app}“ möchte in Ihrem Namen:",
        "leads_to": "Danach geht es weiter zu",
        "acts_as": "Die App handelt als",
        "allow": "Erlauben",
        "deny": "Ablehnen",
        "code_title": "Ihr Code",
        "code_hint": "Kopieren Sie diesen Code in die App. Er gilt zehn Minuten und nur einmal.",
        "error_title": "Das geht so nicht",
        "no_client": "Diese App oder ihre Rücksprungadresse ist hier nicht bekannt. Bitte melden Sie die App neu an.",
        "no_member": "Sie gehören nicht zu diesem Team.",
        "denied": "Sie haben den Zugriff abgelehnt. Sie können diese Seite schließen.",
    },
    "en": {
        "title": "Allow access?",
        "asks": "The app “{app}” would like to do this for you:",
        "leads_to": "Then you go on to",
        "acts_as": "The app acts as",
        "allow": "Allow",
        "deny": "Refuse",
        "code_title": "Your code",
        "code_hint": "Copy this code into the app. It holds for ten minutes and only once.",
        "error_title": "This cannot be done",
        "no_client": "This app, or the address it wants you back at, is not known here. Please set the app up again.",
        "no_member": "You do not belong to this team.",
        "denied": "You have refused. You can close this page.",
    },
}

SCOPES: Mapping[str, Mapping[str, str]] = {
    "de": {
        "profile": "sehen, wer Sie sind",
        "read": "alles lesen, was Sie lesen können",
        "write": "alles tun, was Sie tun können: schreiben, ändern, löschen",
        "follow": "Ihre Kontakte verwalten",
        "push": "Ihnen Mitteilungen schicken",
    },
    "en": {
        "profile": "see who you are",
        "read": "read everything that you can read",
        "write": "do everything that you can do: write, change, delete",
        "follow": "manage whom you follow and block",
        "push": "send you notifications",
    },
}
