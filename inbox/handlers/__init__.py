"""One function per activity: `receive_follow(ctx, activity, sender)`. `dispatch.py` lists them all."""
