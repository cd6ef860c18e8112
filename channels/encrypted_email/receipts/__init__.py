"""What comes back by mail, read: delivery reports, disposition notifications, bounces and replies."""
