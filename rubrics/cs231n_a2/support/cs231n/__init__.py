"""Course-provided modules, our own implementation; the student's files are laid over this package."""
