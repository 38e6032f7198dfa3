"""What may go wrong between the vendor and us, by name. The market's book stays true: a fault disturbs the wire only."""
