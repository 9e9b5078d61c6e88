def risk(quantity, zip_code):
    return "high" if quantity > 100 or zip_code.startswith("0") else "low"
