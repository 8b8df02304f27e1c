"""What every stage stands on: params, paths, documents, ledger, tracking, launch."""
