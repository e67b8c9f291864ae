"""The window: everything that knows Qt."""

from app.desktop.singletons import keep_singletons

keep_singletons()
